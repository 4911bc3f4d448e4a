// The forwarding loop of one lcore: receive a burst, decide, rewrite, send. Whatever an lcore
// writes is its own; it shares the plan (read only), link addresses (atomic words) and, rarely, the
// neighbour table under a lock that it only tries.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <rte_mbuf.h>

#include "base/clock.h"
#include "lb/dpdk/admission.h"
#include "lb/dpdk/edge_counters.h"
#include "lb/dpdk/idle.h"
#include "lb/dpdk/neighbours.h"
#include "lb/dpdk/plan.h"
#include "lb/dpdk/port.h"
#include "lb/dpdk/snapshot_holder.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/rate_limit.h"
#include "lb/steer/verdict.h"
#include "settings/config.h"

namespace joinery::dpdk {

// What all lcores share. Everything outlives them.
struct LcoreWorld {
  std::span<const Port> ports;  // in the configuration's order
  SnapshotHolder<Plan>& plans;
  Neighbours& neighbours;
  const Clock& clock;
  const std::atomic<bool>& stop;
};

// Aligned, so that neighbours in memory do not share a line.
class alignas(64) Lcore {
 public:
  // Frames for the balancer itself that wait for the neighbour lock.
  static constexpr size_t kLocalRoom = 64;
  // Questions to neighbours that one look at the table may send, and how often it looks.
  static constexpr size_t kProbesPerTick = 16;
  static constexpr Nanoseconds kTick = std::chrono::milliseconds(5);

  // `index` numbers the lcores from 0; it is also the queue of every port. `pool` is of its NUMA
  // node.
  Lcore(uint16_t index, const LcoreWorld& world, const settings::Balancer& balancer,
        rte_mempool* pool);
  Lcore(const Lcore&) = delete;
  Lcore& operator=(const Lcore&) = delete;

  // Forwards until world.stop is set.
  void Run();
  // One round over all ports; what Run repeats. Returns how many frames came. The lcore is online
  // in world.plans.
  uint32_t Round();

  // All memory that this lcore writes while it forwards, beside packets and the drivers' queues:
  // for the proof that two lcores share no cache line of it.
  [[nodiscard]] std::vector<std::span<const std::byte>> WrittenMemory();

  [[nodiscard]] const steer::Counters& steer_counters() const noexcept { return state_.counters(); }
  [[nodiscard]] const EdgeCounters& edge_counters() const noexcept { return edge_; }

 private:
  // Frames on their way out of one port; sent at the end of each round, or when full. Whole cache
  // lines, since they stand in memory of their own beside other lcores'.
  struct alignas(64) TxBuffer {
    std::array<rte_mbuf*, 2 * kBurst> packets;
    uint16_t count = 0;
  };
  struct Local {
    uint16_t port = 0;
    rte_mbuf* packet = nullptr;
  };
  // A burst as the decision sees it: row i of each array is one packet. Kept from one burst to the
  // next: to set so much memory to zero each time would cost 2 ns a packet.
  struct Burst {
    std::array<rte_mbuf*, kBurst> packets;
    std::array<std::span<const uint8_t>, kBurst> frames;
    std::array<steer::Verdict, kBurst> verdicts;
    uint16_t count = 0;
  };

  // What Apply reads for every packet.
  struct Road {
    const steer::Snapshot& snapshot;
    const Hop* hops;             // by backend
    const MacAddress* own_macs;  // by port
    neighbour::Links links;
  };

  uint32_t ForwardFrom(const Plan& plan, uint16_t port, Instant now) noexcept;
  void Apply(const Plan& plan, uint16_t port, Instant now) noexcept;
  void Deliver(const Road& road, const steer::Verdict& verdict, rte_mbuf* packet) noexcept;
  void SetAside(const Road& road, uint16_t port, Instant now, const steer::Verdict& verdict,
                rte_mbuf* packet) noexcept;
  void CopyToPool(const Road& road, steer::Verdict verdict, const rte_mbuf& packet) noexcept;
  void AnswerTooBig(uint16_t port, uint16_t mtu, rte_mbuf* packet) noexcept;
  void KeepLocal(uint16_t port, rte_mbuf* packet) noexcept;

  void ServeLocal(Instant now);
  void AnswerLocal(Neighbours::Locked& parts, const Local& local, Instant now);
  void AskNeighbours(Neighbours::Locked& parts, Instant now);

  template <typename Write>
  bool SendOwn(uint16_t port, const Write& write);
  void Send(uint16_t port, rte_mbuf* packet) noexcept;
  void Flush(uint16_t index) noexcept;
  void FlushAll() noexcept;
  void TagAll(const Port& port, TxBuffer& tx) noexcept;
  void DropPacket(rte_mbuf* packet, EdgeDrop reason) noexcept;

  uint16_t index_;
  LcoreWorld world_;
  rte_mempool* pool_;
  IdlePolicy idle_;
  steer::LcoreState state_;
  EdgeCounters edge_;
  std::vector<Admission> admissions_;  // by port; read only
  std::vector<MacAddress> own_macs_;   // the same
  std::vector<TxBuffer> tx_;           // by port
  Burst burst_;
  std::array<Local, kLocalRoom> local_;
  size_t local_count_ = 0;
  Instant next_tick_{};
  steer::RateLimit too_big_limit_;
};
static_assert(sizeof(Lcore) % 64 == 0, "two lcores never write to one cache line");

}  // namespace joinery::dpdk
