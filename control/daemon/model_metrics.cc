#include "control/daemon/model_metrics.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "control/daemon/generation_use.h"
#include "control/model/alarms.h"
#include "control/model/confirmation.h"
#include "control/model/health.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

using api::Families;
using Labels = Families::Labels;

constexpr BackendState kBackendStates[] = {BackendState::kAdded, BackendState::kUp,
                                           BackendState::kDraining, BackendState::kLeaving,
                                           BackendState::kFailed};
constexpr GenerationState kGenerationStates[] = {
    GenerationState::kPending, GenerationState::kActive, GenerationState::kDraining};

double Seconds(Nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

Labels With(Labels labels, const char* name, std::string_view value) {
  labels.push_back({name, std::string(value)});
  return labels;
}

class ModelPage {
 public:
  ModelPage(Families& families, const Model& model, const GenerationAges& ages, Instant now)
      : families_(families), model_(model), ages_(ages), now_(now) {}

  void Add() {
    Whole();
    Balancers();
    Tables();
    Pools();
    Generations();
    Backends();
    Agents();
  }

 private:
  void Whole();
  void Balancers();
  void Tables();
  void Pools();
  void Generations();
  void Backends();
  void Agents();

  [[nodiscard]] api::Position Load() const {
    return {.epoch = model_.durable.at.epoch, .version = model_.now.load_version};
  }
  // A gauge with one series for each balancer of the configuration; `value` gets its status, or
  // null when it has not reported.
  void EachBalancer(std::string_view name, std::string_view help,
                    const std::function<double(const BalancerStatus*)>& value);
  // The same for each backend.
  using OfBackend = std::function<double(const Backend&, const AgentStatus*)>;
  void EachBackend(std::string_view name, std::string_view help, const OfBackend& value);

  Families& families_;
  const Model& model_;
  const GenerationAges& ages_;
  Instant now_;
};

void ModelPage::EachBalancer(std::string_view name, std::string_view help,
                             const std::function<double(const BalancerStatus*)>& value) {
  Families::Family family = families_.Gauge(name, help);
  for (const auto& [balancer, inventory] : model_.durable.balancers) {
    const auto found = model_.now.balancers.find(balancer);
    const bool heard = found != model_.now.balancers.end() && found->second.report;
    family.Add({{"balancer", balancer}}, value(heard ? &found->second : nullptr));
  }
}

void ModelPage::EachBackend(std::string_view name, std::string_view help, const OfBackend& value) {
  Families::Family family = families_.Gauge(name, help);
  for (const auto& [pool_name, pool] : model_.durable.pools) {
    for (const auto& [backend_name, backend] : pool.backends) {
      const auto found = model_.now.agents.find({.pool = pool_name, .backend = backend_name});
      family.Add({{"pool", pool_name}, {"backend", backend_name}},
                 value(backend, found == model_.now.agents.end() ? nullptr : &found->second));
    }
  }
}

void ModelPage::Whole() {
  families_.One("epoch", "Grows by one at each start.",
                static_cast<double>(model_.durable.at.epoch));
  const Recovery& recovery = model_.now.recovery;
  families_.One("waiting", "1 while nothing is published: not all have reported since the start.",
                recovery.waiting ? 1 : 0);
  Families::Family waits = families_.Gauge("waits_for", "Who has not reported since the start.");
  waits.Add({{"role", "balancer"}}, uint64_t{recovery.waiting ? recovery.balancers.size() : 0});
  waits.Add({{"role", "agent"}}, uint64_t{recovery.waiting ? recovery.agents.size() : 0});
  families_.One("alarms", "Sentences under `alarms` in joinctl status.",
                static_cast<double>(Alarms(model_, now_).size()));
  Families::Family version =
      families_.Gauge("view_version", "Version of the newest view, in this epoch.");
  version.Add({{"part", "scheme"}}, model_.durable.scheme.version);
  version.Add({{"part", "load"}}, model_.now.load_version);
}

void ModelPage::Balancers() {
  EachBalancer("balancer_reported", "1 if the balancer has reported since the start.",
               [](const BalancerStatus* status) { return status != nullptr ? 1 : 0; });
  EachBalancer(
      "balancer_ready", "1 if it says that it forwards.",
      [](const BalancerStatus* status) { return status && status->report->ready ? 1 : 0; });
  EachBalancer("balancer_lease", "1 if it holds a lease.", [this](const BalancerStatus* status) {
    return status != nullptr && HasLease(*status, now_) ? 1 : 0;
  });
  EachBalancer("balancer_lease_left_seconds", "Until its lease ends if it is not renewed.",
               [this](const BalancerStatus* status) {
                 if (status == nullptr || !HasLease(*status, now_)) return 0.0;
                 const auto last = std::ranges::max_element(status->leases, {}, &Lease::until);
                 return Seconds(last->until - now_);
               });
  EachBalancer("balancer_behind", "1 if it was told that what it holds is too old.",
               [](const BalancerStatus* status) { return status && status->behind ? 1 : 0; });
  EachBalancer("balancer_scheme_lag", "Changes of the scheme part that it has yet to confirm.",
               [this](const BalancerStatus* status) {
                 return static_cast<double>(
                     Lag(model_.durable.scheme, status ? status->scheme : api::Position{}));
               });
  EachBalancer(
      "balancer_load_lag", "Changes of the load part that it has yet to confirm.",
      [this](const BalancerStatus* status) {
        return static_cast<double>(Lag(Load(), status ? status->report->load : api::Position{}));
      });
  EachBalancer(
      "balancer_view_refused", "1 if it refuses what it was sent.",
      [](const BalancerStatus* status) { return status && status->report->rejected ? 1 : 0; });
  EachBalancer("balancer_digest_mismatch", "1 if it holds other bytes than it was sent.",
               [](const BalancerStatus* status) { return status && status->foreign ? 1 : 0; });
}

// As the alarm does it: balancers that hold the same parts forward by the same tables.
void ModelPage::Tables() {
  std::set<api::Digest> digests;
  for (const auto& [name, status] : model_.now.balancers) {
    if (!status.report || status.report->scheme.at != model_.durable.scheme) continue;
    if (status.report->load == Load()) digests.insert(status.report->tables);
  }
  families_.One("tables_digests",
                "Different tables among the balancers that hold the newest views: above 1 they "
                "steer differently.",
                static_cast<double>(digests.size()));
}

void ModelPage::Pools() {
  Families::Family backends = families_.Gauge("pool_backends", "Backends of the pool by state.");
  for (const auto& [name, pool] : model_.durable.pools) {
    for (const BackendState state : kBackendStates) {
      const auto count = std::ranges::count_if(
          pool.backends, [&](const auto& entry) { return entry.second.state == state; });
      backends.Add({{"pool", name}, {"state", std::string(ToString(state))}},
                   static_cast<double>(count));
    }
  }
  Families::Family resting =
      families_.Gauge("pool_resting_ids", "IDs of removed backends that wait to be free again.");
  Families::Family ignored = families_.Gauge(
      "pool_health_ignored", "1 if too many are down for the checks to be believed.");
  Families::Family withdrawn =
      families_.Gauge("pool_withdrawn", "1 if no backend is up and the VIPs are withdrawn.");
  for (const auto& [name, pool] : model_.durable.pools) {
    const PoolHealth health = JudgeHealth(model_, name, pool);
    const Labels labels = {{"pool", name}};
    resting.Add(labels, uint64_t{pool.resting.size()});
    ignored.Add(labels, health.ignored);
    withdrawn.Add(labels, health.withdraw);
  }
}

void ModelPage::Generations() {
  Families::Family state =
      families_.Gauge("generation_state", "1 for the state that the generation is in.");
  Families::Family serial = families_.Gauge(
      "generation_serial", "The serial of the codepoint's generation: which one it is for good.");
  Families::Family age = families_.Gauge(
      "generation_state_seconds",
      "For how long it has been in its state; before a restart counts only while it drains.");
  Families::Family told =
      families_.Gauge("generation_told", "Backends that were ever told to encode under it.");
  Families::Family tokens =
      families_.Gauge("generation_tokens", "Tokens of it that backends report in use.");
  Families::Family keys =
      families_.Gauge("generation_keys", "Keys that backends have sampled ahead for it.");
  for (const auto& [name, pool] : model_.durable.pools) {
    for (const Generation& generation : pool.generations) {
      const Labels labels = {{"pool", name},
                             {"codepoint", std::to_string(generation.codepoint.value())}};
      for (const GenerationState one : kGenerationStates) {
        state.Add(With(labels, "state", ToString(one)), one == generation.state);
      }
      const api::GenerationUse use = UseOf(model_, name, generation.serial);
      serial.Add(labels, uint64_t{generation.serial.value()});
      age.Add(labels, Seconds(ages_.Age(model_, name, generation, now_)));
      told.Add(labels, uint64_t{generation.told.size()});
      tokens.Add(labels, uint64_t{use.tokens});
      keys.Add(labels, uint64_t{use.keys});
    }
  }
}

void ModelPage::Backends() {
  Families::Family state =
      families_.Gauge("backend_state", "1 for the state that the backend is in.");
  for (const auto& [pool_name, pool] : model_.durable.pools) {
    for (const auto& [name, backend] : pool.backends) {
      const Labels labels = {{"pool", pool_name}, {"backend", name}};
      for (const BackendState one : kBackendStates) {
        state.Add(With(labels, "state", ToString(one)), one == backend.state);
      }
    }
  }
  EachBackend("backend_healthy", "0 if a check says that it is down.",
              [](const Backend&, const AgentStatus* agent) {
                return agent == nullptr || agent->healthy ? 1 : 0;
              });
  EachBackend("backend_weight", "Its share of new connections.",
              [](const Backend& backend, const AgentStatus*) {
                return static_cast<double>(backend.endpoint.weight);
              });
  EachBackend("backend_connections", "TCP connections that its agent counts.",
              [](const Backend&, const AgentStatus* agent) {
                return agent && agent->report ? static_cast<double>(agent->report->connections) : 0;
              });
  EachBackend(
      "backend_oldest_connection_seconds", "Age of the oldest of them.",
      [](const Backend&, const AgentStatus* agent) {
        return agent && agent->report ? static_cast<double>(agent->report->oldest_connection_s) : 0;
      });
}

void ModelPage::Agents() {
  EachBackend(
      "agent_reported", "1 if the backend's agent has reported since the start.",
      [](const Backend&, const AgentStatus* agent) { return agent && agent->report ? 1 : 0; });
  EachBackend(
      "agent_view_lag", "Changes of its view that the agent has yet to confirm.",
      [](const Backend& backend, const AgentStatus* agent) {
        return static_cast<double>(Lag(backend.view, agent ? agent->view : api::Position{}));
      });
  EachBackend("agent_view_refused", "1 if the agent refuses what it was sent.",
              [](const Backend&, const AgentStatus* agent) {
                return agent && agent->report && agent->report->rejected ? 1 : 0;
              });
  EachBackend(
      "agent_digest_mismatch", "1 if the agent holds other bytes than it was sent.",
      [](const Backend&, const AgentStatus* agent) { return agent && agent->foreign ? 1 : 0; });
  EachBackend("agent_checks_failed", "Needs of the server that the agent finds not met.",
              [](const Backend&, const AgentStatus* agent) {
                if (agent == nullptr || !agent->report) return 0.0;
                return static_cast<double>(
                    std::ranges::count(agent->report->findings, false, &api::Finding::ok));
              });
}

}  // namespace

uint64_t Lag(const api::Position& newest, const api::Position& at) noexcept {
  if (at >= newest) return 0;
  if (at.epoch == newest.epoch) return newest.version - at.version;
  return std::max<uint64_t>(newest.version, 1);
}

void AddModel(api::Families& families, const Model& model, const GenerationAges& ages,
              Instant now) {
  ModelPage(families, model, ages, now).Add();
}

}  // namespace joinery::control
