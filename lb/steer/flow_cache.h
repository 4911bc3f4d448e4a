// Which backend a flow went to when it began: rule `cache` of docs/protocol.md section 4. Private
// to one lcore, of fixed size. It is a cache and no state: what it loses, rule `hash` still places.
//
// A tenth of the room is on probation: flows enter there, and the first packet that is no SYN
// moves theirs into the other nine tenths; so a flood of SYNs only ever turns over the tenth. Both
// parts are sets of four entries, one cache line each. In a full set the flow idle the longest
// leaves; a placed flow counts as idle for longer than a joined one, since `hash` finds its backend
// again as long as the table is the same, but nothing else finds a joined one's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"

namespace joinery::steer {

class FlowCache {
 public:
  static constexpr uint32_t kWays = 4;
  static constexpr uint32_t kMinFlows = 64;
  static constexpr uint32_t kProbationShare = 10;  // one part in so many
  // How much longer a placed flow counts as idle, in ticks.
  static constexpr int kProbationHandicap = 4;
  static constexpr int kKeptHandicap = 7500;  // over two hours, the least keep-alive interval
                                              // (RFC 9293 section 3.8.4)
  static constexpr Nanoseconds kTick = std::chrono::seconds(1);

  // A flow: the keyed 64-bit hash of its 5-tuple (flow_hash.h). Whoever does not know the pool's
  // secret can not make two flows collide, so the hash stands for the tuple.
  struct Flow {
    PoolId pool;
    uint64_t hash = 0;
  };
  enum class Kind : uint8_t { kPlaced, kJoined };
  enum class Admission : uint8_t { kStored, kStoredEvicting, kRefused };
  struct Hit {
    BackendId backend;
    bool evicted = false;  // moving this flow out of probation made another one leave
  };

  // Allocates all it will ever use: 16 bytes for each of `flows`, at least kMinFlows.
  explicit FlowCache(uint32_t flows);

  // Puts a flow on probation, at its SYN. The newest SYN is believed: if the flow is known, this
  // backend replaces the other as soon as a packet that is no SYN follows.
  Admission Admit(const Flow& flow, BackendId backend, Kind kind, Instant now) noexcept;

  // The two cache lines where the flow's entry would be, to be fetched ahead or looked through at
  // once: four entries of 16 bytes, each beginning with the flow's hash.
  struct Lines {
    const void* probation;
    const void* kept;
  };
  [[nodiscard]] Lines LinesOf(uint64_t hash) const noexcept {
    return {&sets_[ProbationIndex(hash)], &sets_[KeptIndex(hash)]};
  }

  // For a packet that is no SYN: finds the flow, keeps it and notes that it lives.
  [[nodiscard]] std::optional<Hit> Find(const Flow& flow, Instant now) noexcept;

 private:
  static constexpr uint16_t kEmpty = 0xffff;  // no BackendId is as large
  static constexpr uint16_t kTickMask = 0x7fff;
  static constexpr uint16_t kJoinedBit = 0x8000;

  struct Entry {
    uint64_t hash = 0;
    PoolId pool;
    uint16_t backend = kEmpty;
    uint16_t used = 0;  // tick of the last packet (15 bits: wraps after 9 h), kJoinedBit
  };
  static_assert(sizeof(Entry) == 16, "four entries are one cache line");
  struct alignas(64) Set {
    std::array<Entry, kWays> entries;
  };

  [[nodiscard]] static Entry* FindIn(Set& set, const Flow& flow) noexcept;
  // Stores into the entry of the same flow, an empty one or the victim's.
  static Admission Store(Set& set, const Flow& flow, uint16_t backend, uint16_t used,
                         int handicap) noexcept;
  // The lower half of the hash: the upper one has chosen the Maglev slot.
  [[nodiscard]] size_t ProbationIndex(uint64_t hash) const noexcept {
    return (hash & 0xffffffff) * probation_sets_ >> 32;
  }
  [[nodiscard]] size_t KeptIndex(uint64_t hash) const noexcept {
    return probation_sets_ + ((hash & 0xffffffff) * kept_sets_ >> 32);
  }

  uint32_t probation_sets_;
  uint32_t kept_sets_;
  std::unique_ptr<Set[]> sets_;  // probation first
};

}  // namespace joinery::steer
