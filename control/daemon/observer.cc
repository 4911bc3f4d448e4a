#include "control/daemon/observer.h"

#include <array>
#include <utility>

#include "api/metrics/pages.h"
#include "control/daemon/metrics.h"

namespace joinery::control {
namespace {

Watchers WatchersOf(Driver& driver) {
  const api::Hub& hub = driver.hub();
  Watchers watchers{.scheme = hub.watchers(kSchemeResource),
                    .load = hub.watchers(kLoadResource),
                    .agents = 0,
                    .events = hub.watchers(kEventsResource)};
  for (const auto& [pool, record] : driver.model().durable.pools) {
    for (const auto& [backend, ignored] : record.backends) {
      watchers.agents += hub.watchers(AgentResource({.pool = pool, .backend = backend}));
    }
  }
  return watchers;
}

api::ObservedServer Observe(std::string_view name, const api::Server& server) {
  return {.name = name,
          .counters = server.counters(),
          .answers = server.answers(),
          .connections = server.connections(),
          .waiting = server.waiting()};
}

}  // namespace

Observer::Observer(api::Loop& loop, const Source& source)
    : loop_(loop), source_(source), started_(source.driver->Now()) {}

Expected<void> Observer::Listen(const joinery::Endpoint& at) {
  auto pages = api::PageServer::Listen(
      loop_, at,
      api::PagesOf({.metrics = [this] { return Metrics(); },
                    .health = [] { return api::Page{.body = "ok\n"}; },
                    .ready = [this] { return ReadyPage(source_.driver->model()); }}));
  if (!pages) return Fail("control.metrics: " + pages.error().message);
  pages_ = *std::move(pages);
  look_ = loop_.Every(kLookAtGenerations,
                      [this] { ages_.Look(source_.driver->model(), source_.driver->Now()); });
  return {};
}

std::string Observer::Metrics() const {
  const Instant now = source_.driver->Now();
  const std::array servers = {Observe("nodes", *source_.nodes),
                              Observe("admin", *source_.operators)};
  return ToPrometheus({.model = source_.driver->model(),
                       .ages = ages_,
                       .now = now,
                       .uptime = now - started_,
                       .servers = servers,
                       .watchers = WatchersOf(*source_.driver),
                       .store = source_.store->counters(),
                       .log_entries = source_.logger->counts()});
}

}  // namespace joinery::control
