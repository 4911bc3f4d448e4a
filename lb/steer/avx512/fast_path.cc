#include "lb/steer/avx512/fast_path.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace joinery::steer::avx512 {
namespace {

constexpr uint32_t kFamilyMask = 0xffff0000;

Service MakeService(const FastPath::Entry& entry) noexcept {
  Service service{.key = KeyOf(entry.address, entry.ports.first),
                  .pool = entry.pool,
                  .decodes = entry.decodes,
                  .cookies = entry.cookie != nullptr,
                  .table_size = static_cast<uint32_t>(entry.table.size()),
                  .table = entry.table.data(),
                  .secret = {},
                  .pool_id = entry.pool_id,
                  .join_interval_ns = static_cast<uint32_t>(entry.join_interval.count())};
  std::memcpy(service.secret, entry.secret.bytes().data(), sizeof service.secret);
  return service;
}

Port PortOf(const ServiceKey& key) noexcept {
  return Port(__builtin_bswap16(static_cast<uint16_t>(key.port)));
}

ServiceKey AddressOf(const ServiceKey& key) noexcept {
  return {key.address_front, key.address_back, key.port & kFamilyMask};
}

}  // namespace

ServiceKey KeyOf(const IpAddress& address, Port port) noexcept {
  ServiceKey key;
  std::memcpy(&key.address_front, address.storage().data(), sizeof key.address_front);
  std::memcpy(&key.address_back, address.storage().data() + 8, sizeof key.address_back);
  const auto family = static_cast<uint32_t>(address.family());
  key.port = family << 16 | static_cast<uint32_t>(__builtin_bswap16(port.value()));
  return key;
}

FastPath::FastPath(std::span<const Entry> entries, std::vector<BackendId> ids,
                   uint16_t smallest_mtu)
    : smallest_mtu_(smallest_mtu), ids_(std::move(ids)) {
  std::vector<Service> ports;
  std::vector<Range> ranges;
  for (const Entry& entry : entries.first(std::min(entries.size(), kMaxServices))) {
    if (entry.table.empty()) continue;
    AddCookie(entry);
    if (entry.ports.IsOne()) {
      ports.push_back(MakeService(entry));
    } else {
      ranges.push_back({.last = entry.ports.last, .service = MakeService(entry)});
    }
  }
  ports_ = OneLook<Service>(ports);
  FillRanges(std::move(ranges));
}

void FastPath::AddCookie(const Entry& entry) {
  if (entry.cookie == nullptr) return;
  if (cookies_.size() <= entry.pool) cookies_.resize(entry.pool + size_t{1});
  CookiePool& cookie = cookies_[entry.pool];
  cookie.code_bits = entry.cookie->code_bits();
  for (uint8_t residue = 0; residue < tokenmap::kCookieResidues; ++residue) {
    const tokenmap::TimestampCookie* live = entry.cookie->Find(residue);
    cookie.epochs[residue] = live == nullptr ? nullptr : &live->epoch();
  }
}

void FastPath::FillRanges(std::vector<Range> ranges) {
  std::ranges::sort(ranges, {}, [](const Range& range) {
    const ServiceKey address = AddressOf(range.service.key);
    return std::tuple(address.port, address.address_front, address.address_back,
                      PortOf(range.service.key));
  });
  std::vector<AddressRanges> addresses;
  for (uint32_t i = 0; i < ranges.size(); ++i) {
    const ServiceKey address = AddressOf(ranges[i].service.key);
    if (addresses.empty() || addresses.back().key != address) {
      addresses.push_back({.key = address, .begin = i, .end = i});
    }
    addresses.back().end = i + 1;
  }
  addresses_ = OneLook<AddressRanges>(addresses);
  ranges_ = std::move(ranges);
  size_ = ports_.size();
  for (const AddressRanges& address : addresses) {
    if (addresses_.Find(address.key) != nullptr) size_ += address.end - address.begin;
  }
}

const Service* FastPath::FindInRange(const ServiceKey& key) const noexcept {
  const AddressRanges* address = addresses_.Find(AddressOf(key));
  if (address == nullptr) return nullptr;
  const auto ranges = std::span(ranges_).subspan(address->begin, address->end - address->begin);
  const Port port = PortOf(key);
  const auto after = std::ranges::upper_bound(
      ranges, port, {}, [](const Range& range) { return PortOf(range.service.key); });
  if (after == ranges.begin()) return nullptr;
  const Range& range = *(after - 1);
  return port <= range.last ? &range.service : nullptr;
}

}  // namespace joinery::steer::avx512
