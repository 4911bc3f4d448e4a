// What an api::Server counts, for Prometheus. Pure.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "api/metrics/families.h"
#include "api/net/server_limits.h"

namespace joinery::api {

struct ObservedServer {
  std::string_view name;  // of the label `server`: "nodes"
  const ServerCounters& counters;
  const std::vector<RouteAnswers>& answers;
  size_t connections = 0;
  size_t waiting = 0;
};

// requests_total{server,method,route,status}, server_events_total{server,event},
// connections{server}, requests_waiting{server}.
void AddServers(Families& families, std::span<const ObservedServer> servers);

}  // namespace joinery::api
