#include <iterator>
#include <span>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/hex.h"
#include "lb/dpdk/stats.h"

namespace joinery::dpdk {
namespace {

// Names are ours or a validated configuration's (letters, digits, '-', '_' and '.'): nothing needs
// an escape.
std::string Members(std::span<const std::string_view> names, std::span<const uint64_t> values) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", i == 0 ? "" : ",", names[i], values[i]);
  }
  return out;
}

std::string PortJson(const PortStats& port) {
  const PortCounters& c = port.counters;
  return fmt::format(
      R"("{}":{{"mac":"{}","rx_packets":{},"rx_bytes":{},"rx_missed":{},"rx_errors":{},)"
      R"("rx_no_mbuf":{},"tx_packets":{},"tx_bytes":{},"tx_errors":{}}})",
      port.name, ToString(port.mac), c.rx_packets, c.rx_bytes, c.rx_missed, c.rx_errors,
      c.rx_no_mbuf, c.tx_packets, c.tx_bytes, c.tx_errors);
}

std::string LcoreJson(const LcoreStats& lcore) {
  return fmt::format(R"({{"cpu":{},"busy_polls":{},"empty_polls":{},"sleeps":{}}})", lcore.cpu,
                     lcore.busy_polls, lcore.empty_polls, lcore.sleeps);
}

std::string NeighbourJson(const Stats& stats, const neighbour::NeighbourStatus& neighbour) {
  const std::string mac = neighbour.link.usable()
                              ? fmt::format(R"(,"mac":"{}")", ToString(neighbour.link.mac()))
                              : std::string();
  return fmt::format(R"({{"port":"{}","address":"{}","state":"{}"{}}})",
                     stats.ports[neighbour.port].name, ToString(neighbour.address),
                     Name(neighbour.link.state()), mac);
}

template <typename Items, typename Format>
std::string Joined(const Items& items, const Format& format) {
  std::vector<std::string> texts;
  for (const auto& item : items) texts.push_back(format(item));
  return fmt::format("{}", fmt::join(texts, ","));
}

}  // namespace

std::string ToJson(const Stats& stats, const steer::Snapshot& snapshot) {
  return fmt::format(
      R"({{"name":"{}","uptime_s":{:.3f},"steer":{},"edge_drops":{{{}}},"sent":{},)"
      R"("too_big_answers":{},"local":{{{}}},)"
      R"("ports":{{{}}},"lcores":[{}],"neighbours":[{}],)"
      R"("tables":"{}","control":{},"stats_refused":{}}})",
      stats.name, std::chrono::duration<double>(stats.uptime).count(),
      steer::CountersToJson(stats.totals, snapshot), Members(kEdgeDropNames, stats.edge_drops),
      stats.sent, stats.too_big_answers, Members(neighbour::kOutcomeNames, stats.local),
      Joined(stats.ports, PortJson), Joined(stats.lcores, LcoreJson),
      Joined(stats.neighbours,
             [&](const auto& neighbour) { return NeighbourJson(stats, neighbour); }),
      ToHex(stats.tables), stats.following ? follow::ToJson(*stats.following) : "null",
      stats.stats_refused);
}

}  // namespace joinery::dpdk
