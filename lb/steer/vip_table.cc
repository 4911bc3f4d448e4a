#include "lb/steer/vip_table.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/big_endian.h"

namespace joinery::steer {
namespace {

// Stands for "this address is virtual", whatever the port.
constexpr uint8_t kAnyProtocol = 0;
constexpr Port kAnyPort{0};

// Spreads what the operator chose; a client only chooses which slot to ask, so it needs no key.
size_t Mix(const IpAddress& address, uint8_t protocol, Port port) noexcept {
  constexpr uint64_t kOdd1 = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio (Knuth, TAOCP 6.4)
  constexpr uint64_t kOdd2 = 0xc2b2ae3d27d4eb4f;  // a prime
  const uint8_t* bytes = address.storage().data();
  uint64_t h = LoadBe64(bytes) * kOdd1;
  h = (h ^ (h >> 32) ^ LoadBe64(bytes + 8)) * kOdd2;
  h = (h ^ (h >> 32) ^ (uint64_t{protocol} << 16 | port.value())) * kOdd1;
  return static_cast<size_t>(h >> 32);
}

constexpr uint32_t Ordered(uint8_t protocol, Port port) noexcept {
  return uint32_t{protocol} << 16 | port.value();
}

// Each service may bring an address of its own, so two entries; at most a quarter of the slots.
size_t SlotsFor(size_t services) noexcept { return std::bit_ceil(8 * services + 4); }

// What is wrong with two neighbours in the order of services, if anything.
Expected<void> CheckNeighbours(const VipTable::Service& before, const VipTable::Service& service) {
  if (before.address != service.address) return {};
  if (before.by_address != service.by_address ||
      (service.by_address && before.pool != service.pool)) {
    return Fail(fmt::format("{}: fragments by address need one pool for all that is served there",
                            ToString(service.address)));
  }
  if (before.protocol != service.protocol || !before.ports.Overlaps(service.ports)) return {};
  return Fail(fmt::format("{} protocol {}: ports {} and {} overlap", ToString(service.address),
                          service.protocol, ToString(before.ports), ToString(service.ports)));
}

}  // namespace

Expected<VipTable> VipTable::Build(std::vector<Service> services) {
  std::ranges::sort(services, {}, [](const Service& s) {
    return std::tuple(s.address, s.protocol, s.ports.first);
  });
  for (size_t i = 1; i < services.size(); ++i) {
    const auto checked = CheckNeighbours(services[i - 1], services[i]);
    if (!checked) return tl::unexpected(checked.error());
  }
  return VipTable(std::move(services));
}

VipTable::VipTable(std::vector<Service> sorted)
    : services_(std::move(sorted)), slots_(SlotsFor(services_.size())) {
  for (const Service& s : services_) {
    Slot& vip = slots_[FindSlot(s.address, kAnyProtocol, kAnyPort)];
    if (!vip.used) {
      vip = {.address = s.address,
             .protocol = kAnyProtocol,
             .port = kAnyPort,
             .pool = s.pool,
             .used = true,
             .by_address = s.by_address,
             .first_range = static_cast<uint32_t>(ranges_.size())};
    }
    if (s.ports.IsOne()) {
      slots_[FindSlot(s.address, s.protocol, s.ports.first)] = {.address = s.address,
                                                                .protocol = s.protocol,
                                                                .port = s.ports.first,
                                                                .pool = s.pool,
                                                                .used = true,
                                                                .by_address = s.by_address};
    } else {
      ranges_.push_back({.first = Ordered(s.protocol, s.ports.first),
                         .last = Ordered(s.protocol, s.ports.last),
                         .pool = s.pool});
      ++vip.range_count;
    }
  }
}

size_t VipTable::FindSlot(const IpAddress& address, uint8_t protocol, Port port) const noexcept {
  const size_t mask = slots_.size() - 1;
  size_t at = Mix(address, protocol, port) & mask;
  // Ends: at least three quarters of the slots are unused.
  while (slots_[at].used && !(slots_[at].port == port && slots_[at].protocol == protocol &&
                              slots_[at].address == address)) {
    at = (at + 1) & mask;
  }
  return at;
}

const VipTable::Slot& VipTable::AddressSlot(const IpAddress& address) const noexcept {
  return slots_[FindSlot(address, kAnyProtocol, kAnyPort)];
}

const VipTable::Range* VipTable::FindRange(const Slot& vip, uint8_t protocol,
                                           Port port) const noexcept {
  const auto ranges = std::span(ranges_).subspan(vip.first_range, vip.range_count);
  const uint32_t wanted = Ordered(protocol, port);
  const auto after = std::ranges::upper_bound(ranges, wanted, {}, &Range::first);
  if (after == ranges.begin()) return nullptr;
  const Range& range = *(after - 1);
  return wanted <= range.last ? &range : nullptr;
}

VipTable::Result VipTable::Find(const IpAddress& address, uint8_t protocol,
                                Port port) const noexcept {
  const Slot& slot = slots_[FindSlot(address, protocol, port)];
  if (slot.used) {
    return {.match = Match::kPool, .pool = slot.pool, .by_address = slot.by_address};
  }
  const Slot& vip = AddressSlot(address);
  if (!vip.used) return {.match = Match::kNotVip};
  const Range* range = FindRange(vip, protocol, port);
  if (range == nullptr) return {.match = Match::kNoService};
  return {.match = Match::kPool, .pool = range->pool, .by_address = vip.by_address};
}

VipTable::Result VipTable::FindFragment(const IpAddress& address) const noexcept {
  const Slot& vip = AddressSlot(address);
  if (!vip.used) return {.match = Match::kNotVip};
  if (!vip.by_address) return {.match = Match::kNoService};
  return {.match = Match::kPool, .pool = vip.pool, .by_address = true};
}

bool VipTable::IsVip(const IpAddress& address) const noexcept { return AddressSlot(address).used; }

std::span<const VipTable::Service> VipTable::ServicesOf(const IpAddress& address,
                                                        uint8_t protocol) const noexcept {
  return std::ranges::equal_range(
      services_, std::pair(address, protocol), {},
      [](const Service& s) { return std::pair(s.address, s.protocol); });
}

}  // namespace joinery::steer
