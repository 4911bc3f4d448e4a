#include "control/model/preview.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "control/model/backend_ids.h"
#include "control/model/words.h"
#include "tokenmap/scheme.h"

namespace joinery::control {
namespace {

// Changes as they are found.
struct List {
  const Model& model;
  const bool force;
  std::vector<Change> changes;

  void Say(ChangeKind kind, std::string what, std::string why, uint32_t connections = 0) {
    changes.push_back({kind, std::move(what), std::move(why), connections});
  }
  // What ends connections is refused unless it is forced.
  void Break(ChangeKind kind, const std::string& what, const std::string& why,
             uint32_t connections) {
    if (connections == 0 || force) return Say(kind, what, why, connections);
    Say(ChangeKind::kRefused, what,
        fmt::format("{}: its {} connections would end; drain it first, or force it", why,
                    connections),
        connections);
  }
  [[nodiscard]] uint32_t Connections(const BackendRef& who) const {
    const auto agent = model.now.agents.find(who);
    if (agent == model.now.agents.end()) return 0;
    const std::optional<api::AgentReport>& report = agent->second.report;
    return report ? report->connections : 0;
  }
};

void CompareLayout(List& list, const std::string& name, const Layout& is, const Layout& wanted) {
  const auto fixed = [&](std::string_view key, auto before, auto after) {
    if (before == after) return;
    list.Say(
        ChangeKind::kRefused, name,
        fmt::format("{}: {} -> {}: it is part of every token and can not change while the pool "
                    "exists; make another pool",
                    key, before, after));
  };
  fixed("id", is.id.value(), wanted.id.value());
  fixed("max_backends", is.max_backends, wanted.max_backends);
  fixed("generation_bits", is.generation_bits, wanted.generation_bits);
  fixed("algorithm", static_cast<int>(is.algorithm), static_cast<int>(wanted.algorithm));
  fixed("handshake", static_cast<int>(is.handshake), static_cast<int>(wanted.handshake));
}

void CompareBackend(List& list, const BackendRef& who, const Backend& is, const Endpoint& wanted) {
  const std::string what = ToString(who);
  if (is.state == BackendState::kLeaving) {
    list.Say(ChangeKind::kAdd, what, "it was leaving, and stays");
  }
  if (is.endpoint.address != wanted.address) {
    list.Break(
        ChangeKind::kMove, what,
        fmt::format("address {} -> {}", ToString(is.endpoint.address), ToString(wanted.address)),
        list.Connections(who));
  } else if (is.endpoint.encap != wanted.encap) {
    list.Say(ChangeKind::kChange, what, "another encap");
  }
  if (is.endpoint.weight != wanted.weight) {
    list.Say(ChangeKind::kChange, what,
             fmt::format("weight {} -> {}", is.endpoint.weight, wanted.weight));
  }
}

// How many more backends could have an ID now.
size_t IdsLeft(const Model& model, const Pool& pool) {
  const size_t held = static_cast<size_t>(std::ranges::count_if(
      pool.resting, [&](const RestingId& resting) { return !IsFree(model, pool, resting); }));
  const size_t all = size_t{1} << tokenmap::IdBits(pool.layout.max_backends);
  return all - std::min(all, pool.backends.size() + held);
}

void CompareBackends(List& list, const std::string& name, const Pool& is,
                     const DesiredPool& wanted) {
  size_t added = 0;
  for (const auto& [backend, endpoint] : wanted.backends) {
    const auto present = is.backends.find(backend);
    if (present != is.backends.end()) {
      CompareBackend(list, {name, backend}, present->second, endpoint);
      continue;
    }
    const bool returns =
        std::ranges::find(is.resting, backend, &RestingId::backend) != is.resting.end();
    if (!returns) ++added;
    list.Say(ChangeKind::kAdd, ToString(BackendRef{name, backend}),
             returns ? "it returns, with the ID that it had" : "it gets an ID of its own");
  }
  for (const auto& [backend, state] : is.backends) {
    if (wanted.backends.contains(backend) || state.state == BackendState::kLeaving) continue;
    list.Say(ChangeKind::kRemove, ToString(BackendRef{name, backend}),
             fmt::format("it drains its {} connections, then it goes",
                         list.Connections({name, backend})));
  }
  if (added > IdsLeft(list.model, is)) {
    list.Say(
        ChangeKind::kRefused, name,
        fmt::format("{} new backends, but {} backend IDs are free; others are at rest until what "
                    "they encoded under has retired and quarantine_h has passed",
                    added, IdsLeft(list.model, is)));
  }
}

void ComparePool(List& list, const std::string& name, const DesiredPool& wanted) {
  if (wanted.backends.size() > wanted.layout.max_backends) {
    list.Say(ChangeKind::kRefused, name,
             fmt::format("{} backends; allowed {} (max_backends)", wanted.backends.size(),
                         wanted.layout.max_backends));
  }
  const auto present = list.model.durable.pools.find(name);
  if (present == list.model.durable.pools.end()) {
    return list.Say(ChangeKind::kAdd, name,
                    fmt::format("a pool with {} backends", wanted.backends.size()));
  }
  const Pool& is = present->second;
  CompareLayout(list, name, is.layout, wanted.layout);
  if (is.service.vips != wanted.service.vips) list.Say(ChangeKind::kChange, name, "other VIPs");
  if (is.service.table_size != wanted.service.table_size) {
    list.Say(ChangeKind::kChange, name,
             fmt::format("table_size {} -> {}: connections without a token that the cache has lost "
                         "may move",
                         is.service.table_size, wanted.service.table_size));
  }
  if (is.service.join_rate != wanted.service.join_rate) {
    list.Say(ChangeKind::kChange, name,
             fmt::format("join_rate {} -> {}", is.service.join_rate, wanted.service.join_rate));
  }
  CompareBackends(list, name, is, wanted);
}

void ComparePools(List& list, const Desired& desired) {
  for (const auto& [name, wanted] : desired.pools) {
    ComparePool(list, name, wanted);
    for (const auto& [other, theirs] : desired.pools) {
      if (name < other && theirs.layout.id == wanted.layout.id) {
        list.Say(ChangeKind::kRefused, other,
                 fmt::format("id {} is that of pool {}", theirs.layout.id.value(), name));
      }
    }
  }
  for (const auto& [name, pool] : list.model.durable.pools) {
    if (desired.pools.contains(name)) continue;
    uint32_t connections = 0;
    for (const auto& [backend, state] : pool.backends) {
      connections += list.Connections({name, backend});
    }
    const bool empty = pool.backends.empty();
    if (empty || list.force) {
      list.Say(ChangeKind::kRemove, name, "the pool goes, with its VIPs", connections);
    } else {
      list.Say(
          ChangeKind::kRefused, name,
          fmt::format("the pool has {} backends; take them out first and let them drain, or force "
                      "it",
                      pool.backends.size()),
          connections);
    }
  }
}

void CompareBalancers(List& list, const Desired& desired) {
  for (const auto& [name, addresses] : desired.balancers) {
    const auto present = list.model.durable.balancers.find(name);
    if (present == list.model.durable.balancers.end()) {
      list.Say(ChangeKind::kAdd, "balancer " + name, "it decodes before it counts");
    } else if (present->second.addresses != addresses) {
      list.Say(ChangeKind::kChange, "balancer " + name, "other addresses");
    }
  }
  for (const auto& [name, balancer] : list.model.durable.balancers) {
    if (desired.balancers.contains(name)) continue;
    list.Say(ChangeKind::kRemove, "balancer " + name, "it counts until its lease has ended");
  }
}

}  // namespace

std::vector<Change> Preview(const Model& model, const ConfigApplied& config) {
  List list{.model = model, .force = config.force, .changes = {}};
  ComparePools(list, config.desired);
  CompareBalancers(list, config.desired);
  if (model.durable.policy != config.desired.policy) {
    list.Say(ChangeKind::kChange, "policy", "other durations or limits");
  }
  return std::move(list.changes);
}

std::string ToString(const Change& change) {
  constexpr std::string_view kWords[] = {"add", "remove", "move", "change", "refused"};
  return fmt::format("{} {}: {}", kWords[static_cast<size_t>(change.kind)], change.what,
                     change.why);
}

}  // namespace joinery::control
