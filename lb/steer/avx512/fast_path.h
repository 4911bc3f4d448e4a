// What the vector engine asks of a snapshot, laid out for it: one line of cache for each TCP
// service. It knows only what is common; whatever it does not know, the scalar engine answers from
// the snapshot itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "base/port_range.h"
#include "crypto/key128.h"
#include "lb/steer/avx512/one_look.h"
#include "tokenmap/cookie_decoder.h"

namespace joinery::steer::avx512 {

struct alignas(64) Service {
  ServiceKey key;           // of a range: its first port
  uint16_t pool = 0;        // in Snapshot::pools()
  bool decodes = false;     // the pool has a token decoder
  bool cookies = false;     // the pool's timestamps are read
  uint32_t table_size = 0;  // slots; not 0
  const uint16_t* table = nullptr;
  uint64_t secret[2] = {};  // of the pool's hash, as SipHash's k0 and k1
  PoolId pool_id;
  uint32_t join_interval_ns = 0;  // from one MP_JOIN SYN for a backend to the next
};
static_assert(sizeof(Service) == 64, "a lookup touches one cache line");

// How the timestamps of a pool are read.
struct CookiePool {
  std::array<const joinery_cookie_epoch*, tokenmap::kCookieResidues> epochs{};  // null: not live
  uint8_t code_bits = 0;
};

class FastPath {
 public:
  // Services beyond this many stay with the scalar engine: 1 MiB is as much as a cache holds.
  static constexpr size_t kMaxServices = 4096;

  struct Entry {
    IpAddress address;
    PortRange ports;  // of one address none overlaps another
    uint16_t pool = 0;
    PoolId pool_id;
    bool decodes = false;
    const tokenmap::CookieDecoder* cookie = nullptr;  // none: no timestamp of the pool is read
    Nanoseconds join_interval{};                      // below 2^32
    std::span<const uint16_t> table;
    const crypto::Key128& secret;
  };

  FastPath() = default;
  // TCP services of pools that have backends in placement, whose tables and cookies outlive this;
  // every backend's ID, by index in Snapshot::backends(), and the smallest of their MTUs.
  FastPath(std::span<const Entry> entries, std::vector<BackendId> ids, uint16_t smallest_mtu);

  // One look for a port that is served by itself; a port of a range takes a second, for the ranges
  // of its address. Null when it is not there.
  [[nodiscard]] const Service* Find(const ServiceKey& key) const noexcept {
    const Service* service = ports_.Find(key);
    return service != nullptr || ranges_.empty() ? service : FindInRange(key);
  }

  // Of a pool in which a service has `cookies`.
  [[nodiscard]] const CookiePool& CookieOf(uint16_t pool) const noexcept { return cookies_[pool]; }
  [[nodiscard]] BackendId IdOf(uint16_t backend) const noexcept { return ids_[backend]; }
  // IP packets up to this fit on the way to any backend.
  [[nodiscard]] uint16_t smallest_mtu() const noexcept { return smallest_mtu_; }
  // How many services Find knows.
  [[nodiscard]] size_t size() const noexcept { return size_; }

 private:
  struct Range {
    Port last;
    Service service;  // its key has the first port
  };
  // The ranges of one address: ranges_[begin] up to ranges_[end], by port.
  struct AddressRanges {
    ServiceKey key;  // with port 0
    uint32_t begin = 0;
    uint32_t end = 0;
  };

  void AddCookie(const Entry& entry);
  void FillRanges(std::vector<Range> ranges);
  [[nodiscard]] const Service* FindInRange(const ServiceKey& key) const noexcept;

  OneLook<Service> ports_;
  OneLook<AddressRanges> addresses_;
  std::vector<Range> ranges_;
  size_t size_ = 0;
  uint16_t smallest_mtu_ = 0;
  std::vector<CookiePool> cookies_;  // by pool
  std::vector<BackendId> ids_;  // dense: a Snapshot's entry of a backend takes two lines of cache
};

// The key under which packets to this address and port are found.
[[nodiscard]] ServiceKey KeyOf(const IpAddress& address, Port port) noexcept;

}  // namespace joinery::steer::avx512
