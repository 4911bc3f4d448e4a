#include "lb/dpdk/lcore.h"

#include <ctime>

#include <rte_ethdev.h>
#include <rte_prefetch.h>

#include "lb/dpdk/vlan_tag.h"
#include "lb/forward/forward.h"
#include "lb/forward/too_big.h"
#include "lb/steer/steer.h"

namespace joinery::dpdk {
namespace {

std::span<uint8_t> FrameOf(rte_mbuf* packet) noexcept {
  return {rte_pktmbuf_mtod(packet, uint8_t*), rte_pktmbuf_data_len(packet)};
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
      tx_(world.ports.size()) {
  for (const Port& port : world.ports) {
    admissions_.emplace_back(port.mac(), port.vlan());
    own_macs_.push_back(port.mac());
  }
}

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
  FlushAll();
  world_.plans.Quiescent(index_);
  (received > 0 ? edge_.busy_polls : edge_.empty_polls).Add(1);
  return received;
}

std::vector<std::span<const std::byte>> Lcore::WrittenMemory() {
  constexpr uint64_t kLastHash = 0xffffffff;  // the half of a hash that chooses a set
  const auto from_to = [](const void* first, const void* last, size_t last_bytes) {
    const auto* begin = static_cast<const std::byte*>(first);
    return std::span(begin, static_cast<const std::byte*>(last) + last_bytes);
  };
  steer::RateLimit& last_limit = state_.join_limit(steer::kMaxBackends - 1);
  const steer::FlowCache& cache = state_.cache();
  return {std::as_bytes(std::span(this, 1)), std::as_bytes(std::span(tx_)),
          std::as_bytes(std::span(&state_.counters(), 1)),
          from_to(&state_.join_limit(0), &last_limit, sizeof last_limit),
          from_to(cache.LinesOf(0).probation, cache.LinesOf(kLastHash).kept, 64)};
}

uint32_t Lcore::ForwardFrom(const Plan& plan, uint16_t port, Instant now) noexcept {
  const std::span<rte_mbuf*> room(burst_.packets);
  const uint16_t received = rte_eth_rx_burst(world_.ports[port].id(), index_, room.data(), kBurst);
  if (received == 0) return 0;
  for (uint16_t i = 0; i < received; ++i) rte_prefetch0(rte_pktmbuf_mtod(room[i], void*));
  burst_.count = admissions_[port].Admit(room.first(received), burst_.frames, edge_);
  const std::span<steer::Verdict> verdicts = std::span(burst_.verdicts).first(burst_.count);
  steer::DecideBurst(*plan.snapshot, state_, std::span(burst_.frames).first(burst_.count), now,
                     verdicts);
  Apply(plan, port, now);
  return received;
}

// What does not change from packet to packet is held here: each byte written to a packet might be
// part of it for all that the compiler knows.
void Lcore::Apply(const Plan& plan, uint16_t port, Instant now) noexcept {
  const Road road{.snapshot = *plan.snapshot,
                  .hops = plan.hops.data(),
                  .own_macs = own_macs_.data(),
                  .links = world_.neighbours.links()};
  const uint16_t count = burst_.count;
  for (uint16_t i = 0; i < count; ++i) {
    const steer::Verdict& verdict = burst_.verdicts[i];
    if (verdict.action == steer::Action::kForward) [[likely]] {
      Deliver(road, verdict, burst_.packets[i]);
    } else {
      SetAside(road, port, now, verdict, burst_.packets[i]);
    }
  }
}

// To verdict.backend.
[[gnu::always_inline]] inline void Lcore::Deliver(const Road& road, const steer::Verdict& verdict,
                                                  rte_mbuf* packet) noexcept {
  const Hop hop = road.hops[verdict.backend];
  const neighbour::Link link = road.links[hop.slot];
  if (!link.usable()) [[unlikely]] {
    world_.neighbours.Demand(hop.slot);
    return DropPacket(packet, EdgeDrop::kNoNeighbour);
  }
  if (hop.headroom > 0 && rte_pktmbuf_prepend(packet, hop.headroom) == nullptr) [[unlikely]] {
    return DropPacket(packet, EdgeDrop::kNoHeadroom);
  }
  forward::Rewrite(road.snapshot, verdict,
                   {.source = road.own_macs[hop.port], .destination = link.mac()}, FrameOf(packet));
  Send(hop.port, packet);
}

// Drops are counted with their reason by the decision.
void Lcore::SetAside(const Road& road, uint16_t port, Instant now, const steer::Verdict& verdict,
                     rte_mbuf* packet) noexcept {
  if (verdict.action == steer::Action::kLocal) return KeepLocal(port, packet);
  if (verdict.action == steer::Action::kCopy) {
    CopyToPool(road, verdict, *packet);
  } else if (verdict.reason == steer::DropReason::kOverMtu &&
             too_big_limit_.Allow(forward::kTooBigPerSecond, now)) {
    AnswerTooBig(port, road.snapshot.backends()[verdict.backend].mtu, packet);
  }
  rte_pktmbuf_free(packet);
}

void Lcore::CopyToPool(const Road& road, steer::Verdict verdict, const rte_mbuf& packet) noexcept {
  for (const uint16_t backend : road.snapshot.pools()[verdict.pool].by_id) {
    if (backend == steer::kNoIndex) continue;
    rte_mbuf* copy = rte_pktmbuf_copy(&packet, pool_, 0, UINT32_MAX);
    if (copy == nullptr) return edge_.Drop(EdgeDrop::kNoBuffer);
    verdict.backend = backend;
    Deliver(road, verdict, copy);
  }
}

// `write` fills the room that it is given and returns how much of it it used; 0: there is nothing
// to send. Whether a frame went out.
template <typename Write>
bool Lcore::SendOwn(uint16_t port, const Write& write) {
  rte_mbuf* packet = rte_pktmbuf_alloc(pool_);
  if (packet == nullptr) {
    edge_.Drop(EdgeDrop::kNoBuffer);
    return false;
  }
  const size_t length =
      write(std::span<uint8_t>(rte_pktmbuf_mtod(packet, uint8_t*), rte_pktmbuf_tailroom(packet)));
  if (length == 0) {
    rte_pktmbuf_free(packet);
    return false;
  }
  rte_pktmbuf_append(packet, static_cast<uint16_t>(length));
  Send(port, packet);
  return true;
}

void Lcore::AnswerTooBig(uint16_t port, uint16_t mtu, rte_mbuf* packet) noexcept {
  const bool sent = SendOwn(port, [&](std::span<uint8_t> room) {
    return forward::WriteTooBig(FrameOf(packet), mtu, own_macs_[port], room);
  });
  if (sent) edge_.too_big_answers.Add(1);
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
}

void Lcore::AnswerLocal(Neighbours::Locked& parts, const Local& local, Instant now) {
  (void)SendOwn(local.port, [&](std::span<uint8_t> room) {
    return parts.responder.Handle(local.port, FrameOf(local.packet), now, room);
  });
  rte_pktmbuf_free(local.packet);
}

void Lcore::AskNeighbours(Neighbours::Locked& parts, Instant now) {
  std::array<neighbour::Probe, kProbesPerTick> probes;
  const size_t count = parts.table.Tick(now, probes);
  for (size_t i = 0; i < count; ++i) {
    (void)SendOwn(probes[i].port, [&](std::span<uint8_t> room) {
      return parts.responder.WriteProbe(probes[i], room);
    });
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

void Lcore::Flush(uint16_t index) noexcept {
  TxBuffer& tx = tx_[index];
  if (tx.count == 0) return;
  const Port& port = world_.ports[index];
  if (port.vlan() != 0) TagAll(port, tx);
  const uint16_t sent = rte_eth_tx_burst(port.id(), index_, tx.packets.data(), tx.count);
  edge_.sent.Add(sent);
  for (uint16_t i = sent; i < tx.count; ++i) DropPacket(tx.packets[i], EdgeDrop::kTxFull);
  tx.count = 0;
}

void Lcore::TagAll(const Port& port, TxBuffer& tx) noexcept {
  uint16_t tagged = 0;
  for (uint16_t i = 0; i < tx.count; ++i) {
    rte_mbuf* packet = tx.packets[i];
    if (port.inserts_tags()) {
      LeaveTagToDevice(*packet, port.vlan());
    } else if (!PutTag(*packet, port.vlan())) {
      DropPacket(packet, EdgeDrop::kNoHeadroom);
      continue;
    }
    tx.packets[tagged++] = packet;
  }
  tx.count = tagged;
}

void Lcore::DropPacket(rte_mbuf* packet, EdgeDrop reason) noexcept {
  edge_.Drop(reason);
  rte_pktmbuf_free(packet);
}

}  // namespace joinery::dpdk
