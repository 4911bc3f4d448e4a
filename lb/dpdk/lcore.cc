#include "lb/dpdk/lcore.h"

#include <cstring>
#include <ctime>

#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "lb/forward/forward.h"
#include "lb/steer/steer.h"

namespace joinery::dpdk {
namespace {

constexpr size_t kMacBytes = 6;

std::span<uint8_t> FrameOf(rte_mbuf* packet) noexcept {
  return {rte_pktmbuf_mtod(packet, uint8_t*), rte_pktmbuf_data_len(packet)};
}

bool IsMac(const uint8_t* bytes, const MacAddress& mac) noexcept {
  return std::memcmp(bytes, mac.bytes.data(), kMacBytes) == 0;
}

void SleepFor(IdlePolicy::Duration duration) noexcept {
  const timespec time{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(duration).count()};
  nanosleep(&time, nullptr);
}

}  // namespace

Lcore::Lcore(uint16_t index, const LcoreWorld& world, const settings::Balancer& balancer,
             rte_mempool* pool)
    : index_(index),
      world_(world),
      pool_(pool),
      idle_(balancer.idle),
      state_(balancer.cache_flows),
      tx_(world.ports.size()) {}

void Lcore::Run() {
  world_.plans.Online(index_);
  while (!world_.stop.load(std::memory_order_relaxed)) {
    const IdlePolicy::Duration sleep = idle_.After(Round());
    if (sleep.count() == 0) continue;
    edge_.sleeps.Add(1);
    SleepFor(sleep);
  }
  for (size_t i = 0; i < local_count_; ++i) rte_pktmbuf_free(local_[i].packet);
  world_.plans.Offline(index_);
}

uint32_t Lcore::Round() {
  const Plan& plan = world_.plans.Read();
  const Instant now = world_.clock.Now();
  uint32_t received = 0;
  const auto ports = static_cast<uint16_t>(world_.ports.size());
  for (uint16_t port = 0; port < ports; ++port) received += ForwardFrom(plan, port, now);
  ServeLocal(now);
  world_.plans.Quiescent(index_);
  (received > 0 ? edge_.busy_polls : edge_.empty_polls).Add(1);
  return received;
}

uint32_t Lcore::ForwardFrom(const Plan& plan, uint16_t port, Instant now) noexcept {
  std::array<rte_mbuf*, kBurst> received;
  const uint16_t count = rte_eth_rx_burst(world_.ports[port].id(), index_, received.data(), kBurst);
  if (count == 0) return 0;
  for (uint16_t i = 0; i < count; ++i) rte_prefetch0(rte_pktmbuf_mtod(received[i], void*));
  Burst burst;
  Admit(port, {received.data(), count}, burst);
  steer::DecideBurst(*plan.snapshot, state_, {burst.frames.data(), burst.count}, now,
                     {burst.verdicts.data(), burst.count});
  Apply(plan, port, burst);
  FlushAll();
  return count;
}

// On a shared segment (a flooding bridge, a virtual interface without a filter) frames to others
// arrive too; to forward them would send the same packet twice.
void Lcore::Admit(uint16_t port, std::span<rte_mbuf*> received, Burst& burst) noexcept {
  const MacAddress& mac = world_.ports[port].mac();
  for (rte_mbuf* packet : received) {
    const std::span<uint8_t> frame = FrameOf(packet);
    const bool has_macs = frame.size() >= 2 * kMacBytes;
    if (packet->nb_segs != 1) {
      DropPacket(packet, EdgeDrop::kScattered);
    } else if (has_macs && (frame[0] & 1) == 0 && !IsMac(&frame[0], mac)) {
      DropPacket(packet, EdgeDrop::kForeignMac);
    } else if (has_macs && IsMac(&frame[kMacBytes], mac)) {
      DropPacket(packet, EdgeDrop::kOwnFrame);
    } else {
      burst.packets[burst.count] = packet;
      burst.frames[burst.count] = frame;
      ++burst.count;
    }
  }
}

void Lcore::Apply(const Plan& plan, uint16_t port, Burst& burst) noexcept {
  for (uint16_t i = 0; i < burst.count; ++i) {
    switch (burst.verdicts[i].action) {
      case steer::Action::kForward:
        Forward(plan, burst.verdicts[i], burst.packets[i]);
        break;
      case steer::Action::kLocal:
        KeepLocal(port, burst.packets[i]);
        break;
      case steer::Action::kDrop:
        rte_pktmbuf_free(burst.packets[i]);  // counted with its reason by the decision
        break;
    }
  }
}

void Lcore::Forward(const Plan& plan, const steer::Verdict& verdict, rte_mbuf* packet) noexcept {
  const Hop hop = plan.hops[verdict.backend];
  const neighbour::Link link = world_.neighbours.Load(hop.slot);
  if (!link.usable()) {
    world_.neighbours.Demand(hop.slot);
    return DropPacket(packet, EdgeDrop::kNoNeighbour);
  }
  const size_t headroom = forward::Headroom(*plan.snapshot, verdict);
  if (headroom > 0 && rte_pktmbuf_prepend(packet, static_cast<uint16_t>(headroom)) == nullptr) {
    return DropPacket(packet, EdgeDrop::kNoHeadroom);
  }
  forward::Rewrite(*plan.snapshot, verdict,
                   {.source = world_.ports[hop.port].mac(), .destination = link.mac()},
                   FrameOf(packet));
  Send(hop.port, packet);
}

void Lcore::KeepLocal(uint16_t port, rte_mbuf* packet) noexcept {
  if (local_count_ == kLocalRoom) return DropPacket(packet, EdgeDrop::kLocalFull);
  local_[local_count_++] = {port, packet};
}

void Lcore::ServeLocal(Instant now) {
  // One lcore is enough to ask the neighbours; any answers for itself.
  const bool tick = index_ == 0 && now >= next_tick_;
  if (local_count_ == 0 && !tick) return;
  std::optional<Neighbours::Locked> parts = world_.neighbours.TryLock();
  if (!parts) return;  // next round
  for (size_t i = 0; i < local_count_; ++i) AnswerLocal(*parts, local_[i], now);
  local_count_ = 0;
  if (tick) {
    AskNeighbours(*parts, now);
    next_tick_ = now + kTick;
  }
  parts.reset();
  FlushAll();
}

void Lcore::AnswerLocal(Neighbours::Locked& parts, const Local& local, Instant now) {
  rte_mbuf* reply = rte_pktmbuf_alloc(pool_);
  if (reply == nullptr) return DropPacket(local.packet, EdgeDrop::kNoBuffer);
  const std::span<uint8_t> room(rte_pktmbuf_mtod(reply, uint8_t*), rte_pktmbuf_tailroom(reply));
  const size_t length = parts.responder.Handle(local.port, FrameOf(local.packet), now, room);
  rte_pktmbuf_free(local.packet);
  if (length == 0) return rte_pktmbuf_free(reply);
  rte_pktmbuf_append(reply, static_cast<uint16_t>(length));
  Send(local.port, reply);
}

void Lcore::AskNeighbours(Neighbours::Locked& parts, Instant now) {
  std::array<neighbour::Probe, kProbesPerTick> probes;
  const size_t count = parts.table.Tick(now, probes);
  for (size_t i = 0; i < count; ++i) {
    rte_mbuf* question = rte_pktmbuf_alloc(pool_);
    if (question == nullptr) {
      edge_.Drop(EdgeDrop::kNoBuffer);
      continue;
    }
    const std::span<uint8_t> room(rte_pktmbuf_mtod(question, uint8_t*),
                                  rte_pktmbuf_tailroom(question));
    const size_t length = parts.responder.WriteProbe(probes[i], room);
    if (length == 0) {
      rte_pktmbuf_free(question);
      continue;
    }
    rte_pktmbuf_append(question, static_cast<uint16_t>(length));
    Send(probes[i].port, question);
  }
}

void Lcore::Send(uint16_t port, rte_mbuf* packet) noexcept {
  TxBuffer& tx = tx_[port];
  if (tx.count == tx.packets.size()) Flush(port);
  tx.packets[tx.count++] = packet;
}

void Lcore::FlushAll() noexcept {
  const auto ports = static_cast<uint16_t>(tx_.size());
  for (uint16_t port = 0; port < ports; ++port) Flush(port);
}

void Lcore::Flush(uint16_t port) noexcept {
  TxBuffer& tx = tx_[port];
  if (tx.count == 0) return;
  const uint16_t sent =
      rte_eth_tx_burst(world_.ports[port].id(), index_, tx.packets.data(), tx.count);
  edge_.sent.Add(sent);
  for (uint16_t i = sent; i < tx.count; ++i) DropPacket(tx.packets[i], EdgeDrop::kTxFull);
  tx.count = 0;
}

void Lcore::DropPacket(rte_mbuf* packet, EdgeDrop reason) noexcept {
  edge_.Drop(reason);
  rte_pktmbuf_free(packet);
}

}  // namespace joinery::dpdk
