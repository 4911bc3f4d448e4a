// What the vector engine asks of a snapshot, laid out for it: one line of cache for each TCP
// service. It knows only what is common; whatever it does not know, the scalar engine answers from
// the snapshot itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "crypto/key128.h"

namespace joinery::steer::avx512 {

// An address, port and family as a packet shows them: loaded as they lie, in network order.
struct ServiceKey {
  uint64_t address_front = 0;  // bytes 0 to 7 of an IPv6 address; the four of an IPv4 one
  uint64_t address_back = 0;   // bytes 8 to 15; 0 for IPv4
  uint32_t port = 0;           // the family (4 or 6) in the upper half; 0: no service

  friend bool operator==(const ServiceKey&, const ServiceKey&) noexcept = default;
};

struct alignas(64) Service {
  ServiceKey key;
  uint16_t pool = 0;        // in Snapshot::pools()
  bool decodes = false;     // the pool has a token decoder
  uint32_t table_size = 0;  // slots; not 0
  const uint16_t* table = nullptr;
  uint64_t secret[2] = {};  // of the pool's hash, as SipHash's k0 and k1
  PoolId pool_id;
  uint32_t join_interval_ns = 0;  // from one MP_JOIN SYN for a backend to the next
};
static_assert(sizeof(Service) == 64, "a lookup touches one cache line");

class FastPath {
 public:
  // Services beyond this many stay with the scalar engine: 1 MiB is as much as a cache holds.
  static constexpr size_t kMaxServices = 4096;

  struct Entry {
    IpAddress address;
    Port port;
    uint16_t pool = 0;
    PoolId pool_id;
    bool decodes = false;
    Nanoseconds join_interval{};      // below 2^32
    std::span<const uint16_t> table;  // outlives this object
    const crypto::Key128& secret;
  };

  FastPath() : slots_(1) {}
  // TCP services of pools that have backends in placement; every backend's ID, by index in
  // Snapshot::backends(), and the smallest of their MTUs.
  FastPath(std::span<const Entry> entries, std::vector<BackendId> ids, uint16_t smallest_mtu);

  // One look: each key has one slot where it may be. Null when it is not there.
  [[nodiscard]] const Service* Find(const ServiceKey& key) const noexcept {
    const Service& slot = slots_[SlotOf(key)];
    return slot.key == key ? &slot : nullptr;
  }

  [[nodiscard]] BackendId IdOf(uint16_t backend) const noexcept { return ids_[backend]; }
  // IP packets up to this fit on the way to any backend.
  [[nodiscard]] uint16_t smallest_mtu() const noexcept { return smallest_mtu_; }
  // How many services Find knows.
  [[nodiscard]] size_t size() const noexcept { return size_; }

 private:
  [[nodiscard]] size_t SlotOf(const ServiceKey& key) const noexcept {
    return ((key.address_front + key.port) * odd_[0] + key.address_back * odd_[1]) >> shift_;
  }
  // Puts every service into its slot; those whose slot is taken stay out. Returns how many are in.
  size_t Fill(std::span<const Service> services);

  uint64_t odd_[2] = {1, 1};
  unsigned shift_ = 63;  // 64 less the bits of a slot's number
  size_t size_ = 0;
  uint16_t smallest_mtu_ = 0;
  std::vector<Service> slots_;
  std::vector<BackendId> ids_;  // dense: a Snapshot's entry of a backend takes two lines of cache
};

// The key under which packets to this address and port are found.
[[nodiscard]] ServiceKey KeyOf(const IpAddress& address, Port port) noexcept;

}  // namespace joinery::steer::avx512
