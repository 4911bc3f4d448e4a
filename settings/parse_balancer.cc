#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "settings/limits.h"
#include "settings/parse.h"
#include "settings/unique.h"

namespace joinery::settings {
namespace {

void ParseLcores(const MapReader& map, std::vector<uint16_t>& lcores) {
  const auto list = map.Find("lcores");
  if (!list) return;
  lcores.clear();
  Unique<int64_t> seen;
  for (const ValueReader& item : list->Items()) {
    const auto cpu = item.Number();
    if (cpu && seen.Add(item, *cpu)) lcores.push_back(static_cast<uint16_t>(*cpu));
  }
}

void ParseCacheFlows(const MapReader& map, uint32_t& flows) {
  map.Number("cache_flows", flows);
  if (!std::has_single_bit(flows)) {
    map.Fail("cache_flows", fmt::format("{} is not a power of two; did you mean {}?", flows,
                                        std::bit_ceil(flows)));
  }
}

}  // namespace

BalancerDraft ParseBalancer(const MapReader& map) {
  BalancerDraft draft;
  Balancer& balancer = draft.balancer;
  map.Name("name", balancer.name);
  map.Name("user", balancer.user);
  map.Word("steering", balancer.steering);
  map.Word("idle", balancer.idle);
  ParseLcores(map, balancer.lcores);
  for (const ValueReader& item : map.Items("eal_options")) {
    if (auto option = item.Text()) balancer.eal_options.push_back(*std::move(option));
  }
  ParsePath(map, "stats_socket", kMaxStatsSocketBytes, balancer.stats_socket);
  map.EndpointOrOff("metrics", balancer.metrics);
  map.Word("log", balancer.log);
  ParseCacheFlows(map, balancer.cache_flows);
  map.Number("hash_rate", balancer.hash_rate);
  for (const MapReader& port : map.Sections("ports", PortSection())) {
    draft.ports.push_back(ParsePort(port));
  }
  return draft;
}

}  // namespace joinery::settings
