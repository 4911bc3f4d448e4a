#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "lb/dpdk/stats.h"
#include "lb/steer/rules.h"
#include "settings/words.h"
#include "wire/parse_error.h"

namespace joinery::dpdk {
namespace {

void Line(std::string& out, std::string_view name, uint64_t value) {
  fmt::format_to(std::back_inserter(out), "  {:<22} {:>14}\n", name, value);
}

// The entries that are not zero, under a title; nothing when all are.
template <typename Enum, typename Values>
void NonZero(std::string& out, std::string_view title, const Values& values) {
  bool titled = false;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) continue;
    if (!titled) fmt::format_to(std::back_inserter(out), "{}\n", title);
    titled = true;
    Line(out, Name(static_cast<Enum>(i)), values[i]);
  }
}

void Backends(std::string& out, const Stats& stats, const steer::Snapshot& snapshot) {
  fmt::format_to(std::back_inserter(out), "{:<24} {:>6} {:<9} {:<12} {:>14} {:>16}\n", "backends",
                 "id", "state", "neighbour", "packets", "bytes");
  for (size_t i = 0; i < stats.totals.backends.size(); ++i) {
    const steer::BackendEntry& backend = snapshot.backends()[i];
    if (backend.vacant()) continue;
    const steer::NextHop& hop = snapshot.next_hops()[backend.next_hop];
    const auto neighbour = std::ranges::find_if(stats.neighbours, [&](const auto& candidate) {
      return candidate.address == hop.address && candidate.port == hop.port;
    });
    fmt::format_to(std::back_inserter(out), "  {:<22} {:>6} {:<9} {:<12} {:>14} {:>16}\n",
                   fmt::format("{}/{}", snapshot.pools()[backend.pool].name, backend.name),
                   backend.id.value(), settings::ToWord(backend.state),
                   neighbour == stats.neighbours.end() ? "-" : Name(neighbour->link.state()),
                   stats.totals.backends[i].packets, stats.totals.backends[i].bytes);
  }
}

void Ports(std::string& out, const Stats& stats) {
  fmt::format_to(std::back_inserter(out), "{:<24} {:>14} {:>14} {:>10} {:>10}\n", "ports",
                 "received", "sent", "missed", "errors");
  for (const PortStats& port : stats.ports) {
    const PortCounters& c = port.counters;
    fmt::format_to(std::back_inserter(out), "  {:<22} {:>14} {:>14} {:>10} {:>10}\n", port.name,
                   c.rx_packets, c.tx_packets, c.rx_missed + c.rx_no_mbuf,
                   c.rx_errors + c.tx_errors);
  }
}

}  // namespace

std::string ToTable(const Stats& stats, const steer::Snapshot& snapshot) {
  std::string out =
      fmt::format("{}: up {:.1f} s, configuration version {}\nrules\n", stats.name,
                  std::chrono::duration<double>(stats.uptime).count(), snapshot.version());
  for (size_t i = 0; i < steer::kRuleCount; ++i) {
    Line(out, Name(static_cast<steer::Rule>(i)), stats.totals.rules[i]);
  }
  Backends(out, stats, snapshot);
  Ports(out, stats);
  NonZero<steer::DropReason>(out, "dropped by decision", stats.totals.drops);
  NonZero<wire::ParseReason>(out, "malformed", stats.totals.parse_errors);
  NonZero<EdgeDrop>(out, "dropped at the edge", stats.edge_drops);
  NonZero<steer::Note>(out, "noted", stats.totals.notes);
  NonZero<neighbour::Outcome>(out, "for the balancer itself", stats.local);
  return out;
}

}  // namespace joinery::dpdk
