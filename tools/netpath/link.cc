#include "tools/netpath/link.h"

#include <algorithm>
#include <utility>

namespace joinery::netpath {
namespace {

constexpr uint64_t kBitsPerByte = 8;

}  // namespace

bool Link::Chance(uint32_t of_certain) noexcept { return random_.Below(kCertain) < of_certain; }

Nanoseconds Link::TimeOnWire(size_t bytes) const noexcept {
  if (conditions_.rate == 0) return {};
  const uint64_t bits = bytes * kBitsPerByte;
  return Nanoseconds(bits * std::nano::den / conditions_.rate);
}

void Link::Send(Packet packet, Instant now) {
  ++counters_.packets;
  counters_.bytes += packet.size();
  // Both are drawn for every packet, so that one chance does not shift the other's sequence.
  const bool lost = Chance(conditions_.loss);
  const bool overtaken = Chance(conditions_.reorder);
  while (!departures_.empty() && departures_.front() <= now) departures_.pop_front();
  if (lost) {
    ++counters_.lost;
    return;
  }
  if (departures_.size() > conditions_.queue) {
    ++counters_.overflowed;
    return;
  }
  wire_free_ = std::max(wire_free_, now) + TimeOnWire(packet.size());
  departures_.push_back(wire_free_);
  counters_.reordered += overtaken ? 1 : 0;
  const Nanoseconds longer = overtaken ? conditions_.reorder_by : Nanoseconds{};
  under_way_.push({.at = wire_free_ + conditions_.delay + longer,
                   .number = counters_.packets,
                   .packet = std::move(packet)});
}

std::optional<Instant> Link::next() const {
  if (under_way_.empty()) return std::nullopt;
  return under_way_.top().at;
}

std::optional<Packet> Link::Deliver(Instant now) {
  if (under_way_.empty() || under_way_.top().at > now) return std::nullopt;
  // top() is const only to keep the order, and the packet has no part in it.
  Packet packet = std::move(const_cast<Arrival&>(under_way_.top()).packet);
  under_way_.pop();
  ++counters_.delivered;
  return packet;
}

}  // namespace joinery::netpath
