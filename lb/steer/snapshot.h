// Everything that a decision needs, in one immutable object: virtual addresses, pools with their
// Maglev tables and token decoders, backends, next hops. Built off the forwarding cores from a
// validated configuration; swapped in by pointer. Any number of threads may read one.
//
// Nothing here is particular to one balancer: two snapshots of one configuration place every flow
// alike. Only the indexes may differ, since they depend on `previous`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "crypto/key128.h"
#include "lb/steer/avx512/fast_path.h"
#include "lb/steer/encap.h"
#include "lb/steer/placement_table.h"
#include "lb/steer/verdict.h"
#include "lb/steer/vip_table.h"
#include "settings/config.h"
#include "tokenmap/cookie_decoder.h"
#include "tokenmap/token_decoder.h"

namespace joinery::steer {

// Counters and rate limits have fixed arrays for these many, in all pools together.
inline constexpr size_t kMaxPools = 256;
inline constexpr size_t kMaxBackends = 16384;

// A neighbour that frames are sent to: a backend on a port's own subnet, or a gateway.
struct NextHop {
  IpAddress address;  // to be resolved by ARP or neighbour discovery
  uint16_t port = 0;  // in Config::lb.ports

  friend bool operator==(const NextHop&, const NextHop&) noexcept = default;
};

struct BackendEntry {
  std::string name;
  IpAddress address{};  // of the tunnel's end for ipip and gue, whatever family the packets are of
  IpAddress source{};   // our own, of the same family: the tunnel's other end
  BackendId id{};
  uint16_t pool = kNoIndex;  // in pools(); kNoIndex: this entry is vacant (see Build)
  uint16_t next_hop = 0;     // in next_hops()
  uint16_t mtu = 0;          // bytes of the largest IP packet that fits on the way, before encap
  settings::Encap encap = settings::Encap::kL2;
  settings::BackendState state = settings::BackendState::kUp;
  uint32_t weight = 0;
  uint64_t since = 0;  // version of the snapshot in which this backend took this index

  [[nodiscard]] bool vacant() const noexcept { return pool == kNoIndex; }
  // Rule `placement` and `hash` may choose it.
  [[nodiscard]] bool in_placement() const noexcept {
    return !vacant() && state == settings::BackendState::kUp && weight > 0;
  }
  // Packets that name it go there; `failed` is nowhere (docs/protocol.md section 4).
  [[nodiscard]] bool reachable() const noexcept {
    return !vacant() && state != settings::BackendState::kFailed;
  }
};

struct PoolEntry {
  std::string name;
  PoolId id{};
  bool vacant = true;  // see Build
  settings::Handshake handshake = settings::Handshake::kNone;
  uint32_t join_rate = 0;  // MP_JOIN SYNs a second, for each decoded ID and lcore
  crypto::Key128 hash_secret;
  // Owns `table`, perhaps with the snapshot before and the one after.
  std::shared_ptr<const PlacementTable> placement;
  std::span<const uint16_t> table;  // Maglev slots -> backends(); empty: no backend in placement
  std::vector<uint16_t> by_id;      // 2^s entries: backend ID -> backends(), or kNoIndex
  std::optional<tokenmap::TokenDecoder> decoder;  // none: no token of this pool is read
  std::array<Serial, 1 << tokenmap::kMaxGenerationBits> serials;  // by codepoint, if it is live
  std::optional<tokenmap::CookieDecoder> cookie;         // none: no timestamp of this pool is read
  std::array<Serial, tokenmap::kCookieResidues> epochs;  // by residue, if it is live
  uint64_t since = 0;  // version of the snapshot in which this pool took this index

  // The reachable backend with this ID, or kNoIndex. Total: any ID may be asked.
  [[nodiscard]] uint16_t Find(BackendId backend) const noexcept {
    return backend.value() < by_id.size() ? by_id[backend.value()] : kNoIndex;
  }
};

class Snapshot {
 public:
  // Pools (by ID) and backends (by pool and ID) that `previous` has keep their index, so counters
  // and limits go on across a reload; an index that is no longer used is vacant, and a newcomer
  // takes the first vacant one (its `since` is then `version`). A pool whose members, weights and
  // states are as before shares its table with `previous`. Refuses what is over the limits above
  // and a backend that no port reaches; says which.
  [[nodiscard]] static Expected<std::unique_ptr<const Snapshot>> Build(
      const settings::Config& config, uint64_t version, const Snapshot* previous = nullptr);

  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // Grows from one reload to the next.
  [[nodiscard]] uint64_t version() const noexcept { return version_; }
  [[nodiscard]] settings::Steering steering() const noexcept { return steering_; }
  // Keys hashed a second, for each lcore.
  [[nodiscard]] uint32_t hash_rate() const noexcept { return hash_rate_; }
  // Whether a pool has a cookie.
  [[nodiscard]] bool reads_timestamps() const noexcept { return reads_timestamps_; }

  [[nodiscard]] std::span<const PoolEntry> pools() const noexcept { return pools_; }
  [[nodiscard]] std::span<const BackendEntry> backends() const noexcept { return backends_; }
  [[nodiscard]] std::span<const NextHop> next_hops() const noexcept { return next_hops_; }
  // By index in backends(): what forwarding reads of them.
  [[nodiscard]] std::span<const Tunnel> tunnels() const noexcept { return tunnels_; }

  // Address, protocol and port -> pool.
  [[nodiscard]] const VipTable& vips() const noexcept { return vips_; }
  // The same, of the TCP services, for the engine that looks at a burst at once.
  [[nodiscard]] const avx512::FastPath& fast_path() const noexcept { return fast_path_; }
  // Every virtual address once: what ARP and neighbour discovery answer for.
  [[nodiscard]] std::span<const IpAddress> vip_addresses() const noexcept { return vip_addresses_; }

 private:
  friend class SnapshotBuilder;
  Snapshot() = default;

  uint64_t version_ = 0;
  settings::Steering steering_ = settings::Steering::kJoinery;
  uint32_t hash_rate_ = 0;
  bool reads_timestamps_ = false;
  std::vector<PoolEntry> pools_;
  std::vector<BackendEntry> backends_;
  std::vector<NextHop> next_hops_;
  std::vector<Tunnel> tunnels_;
  VipTable vips_;
  avx512::FastPath fast_path_;
  std::vector<IpAddress> vip_addresses_;
};

}  // namespace joinery::steer
