#include "lb/steer/avx512/fast_path.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/random.h"

namespace joinery::steer::avx512 {
namespace {

// Multipliers to try. With eight slots for each service a dozen services collide under every third
// pair of multipliers, hundreds under nearly every one: then the best pair leaves a few out.
constexpr int kTries = 64;
constexpr size_t kSlotsForEach = 8;

Service MakeService(const FastPath::Entry& entry) noexcept {
  Service service{.key = KeyOf(entry.address, entry.port),
                  .pool = entry.pool,
                  .decodes = entry.decodes,
                  .table_size = static_cast<uint32_t>(entry.table.size()),
                  .table = entry.table.data(),
                  .secret = {},
                  .pool_id = entry.pool_id,
                  .join_interval_ns = static_cast<uint32_t>(entry.join_interval.count())};
  std::memcpy(service.secret, entry.secret.bytes().data(), sizeof service.secret);
  return service;
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
  std::vector<Service> services;
  for (const Entry& entry : entries.first(std::min(entries.size(), kMaxServices))) {
    if (!entry.table.empty()) services.push_back(MakeService(entry));
  }
  const size_t slots = std::bit_ceil(std::max<size_t>(2, services.size() * kSlotsForEach));
  shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots));
  SeededRandom random(1);  // any will do: nobody gains by colliding with an operator's own service
  uint64_t best[2] = {1, 1};
  for (int i = 0; i < kTries && size_ < services.size(); ++i) {
    odd_[0] = random.Uint64() | 1;
    odd_[1] = random.Uint64() | 1;
    slots_.assign(slots, Service{});
    const size_t placed = Fill(services);
    if (placed <= size_) continue;
    size_ = placed;
    std::copy_n(odd_, 2, best);
  }
  std::copy_n(best, 2, odd_);
  slots_.assign(slots, Service{});
  size_ = Fill(services);
}

size_t FastPath::Fill(std::span<const Service> services) {
  size_t placed = 0;
  for (const Service& service : services) {
    Service& slot = slots_[SlotOf(service.key)];
    if (slot.key.port != 0) continue;
    slot = service;
    ++placed;
  }
  return placed;
}

}  // namespace joinery::steer::avx512
