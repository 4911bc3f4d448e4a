#include "api/metrics/server_families.h"

#include <string>
#include <utility>

namespace joinery::api {
namespace {

void AddAnswers(Families& families, std::span<const ObservedServer> servers) {
  Families::Family family =
      families.Counter("requests_total", "Requests answered, by route and HTTP status.");
  for (const ObservedServer& server : servers) {
    for (const RouteAnswers& route : server.answers) {
      const bool none = route.pattern.empty();
      for (const auto& [status, count] : route.by_status) {
        family.Add({{"server", std::string(server.name)},
                    {"method", none ? "none" : route.method},
                    {"route", none ? "none" : route.pattern},
                    {"status", std::to_string(status)}},
                   count);
      }
    }
  }
}

}  // namespace

void AddServers(Families& families, std::span<const ObservedServer> servers) {
  AddAnswers(families, servers);
  Families::Family events =
      families.Counter("server_events_total", "What befell connections and requests.");
  for (const ObservedServer& server : servers) {
    for (const ServerCounterInfo& counter : kServerCounters) {
      events.Add({{"server", std::string(server.name)}, {"event", std::string(counter.name)}},
                 server.counters.*counter.value);
    }
  }
  Families::Family connections = families.Gauge("connections", "Connections that are open.");
  Families::Family waiting =
      families.Gauge("requests_waiting", "Requests that wait for their answer: watchers.");
  for (const ObservedServer& server : servers) {
    const Families::Labels labels = {{"server", std::string(server.name)}};
    connections.Add(labels, uint64_t{server.connections});
    waiting.Add(labels, uint64_t{server.waiting});
  }
}

}  // namespace joinery::api
