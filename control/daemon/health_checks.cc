#include "control/daemon/health_checks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/net/asio.h"
#include "control/daemon/token_owner.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

using health::State;

// Down if it is down anywhere; up if nothing speaks against it and something for it.
State Together(const std::map<std::string, State>& states) {
  State all = State::kUnknown;
  for (const auto& [name, state] : states) {
    if (state == State::kDown) return State::kDown;
    if (state == State::kUp) all = State::kUp;
  }
  return all;
}

std::string Place(const health::Target& target, const std::string& what) {
  return fmt::format("{} at {} port {}", what, ToString(target.vip), target.port.value());
}

}  // namespace

HealthChecks::HealthChecks(Parts parts) : parts_(std::move(parts)) {}

Expected<void> HealthChecks::Open(const health::OpenTransport& open,
                                  const settings::ControlHealth& from) {
  api::asio::io_context& io = parts_.loop->impl().context;
  auto transport = open(io, {.device = from.device, .sources = from.sources});
  if (!transport) return unexpected(transport.error());
  prober_ = std::make_unique<health::Prober>(
      io, *parts_.clock, *parts_.random, *std::move(transport),
      health::Prober::Callbacks{
          .changed = [this](const auto& target, State state,
                            const std::string& detail) { Changed(target, state, detail); },
          .owner = [this](const health::Target& target,
                          Token token) { return OwnerOfAnswer(target, token); }});
  return {};
}

// A check that is under way may be of a target that is gone.
health::TokenOwner HealthChecks::OwnerOfAnswer(const health::Target& target, Token token) const {
  const auto who = by_target_.find(target.name);
  if (who == by_target_.end()) return health::TokenOwner::kUnread;
  return OwnerOf(parts_.model().durable, who->second, token);
}

void HealthChecks::Configure(settings::ControlConfig config) {
  config_ = std::move(config);
  if (prober_ == nullptr && config_.control.health) {
    parts_.log({.severity = Severity::kWarning,
                .text = "control.health is new: backends are checked from the next start on"});
  }
  Follow();
}

void HealthChecks::Follow() {
  if (prober_ != nullptr) {
    std::vector<CheckedBackend> wanted = TargetsOf(parts_.model().durable, config_);
    if (wanted != wanted_) Adopt(std::move(wanted));
  }
  ForgetUnchecked();
}

void HealthChecks::Adopt(std::vector<CheckedBackend> wanted) {
  wanted_ = std::move(wanted);
  std::vector<health::Target> targets;
  for (const CheckedBackend& one : wanted_) targets.push_back(one.target);
  if (const auto adopted = prober_->Adopt(std::move(targets)); !adopted) {
    parts_.log(
        {.severity = Severity::kAlarm,
         .text = fmt::format("health checks stay as they were: {}", adopted.error().message)});
    return;
  }
  const auto before = std::exchange(verdicts_, {});
  by_target_.clear();
  const std::vector<health::Status> all = prober_->Read();
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const auto& [who, target] = wanted_[i];
    by_target_.emplace(target.name, who);
    verdicts_[who].states[target.name] = all[i].state;
  }
  for (auto& [who, verdict] : verdicts_) {
    const auto known = before.find(who);
    verdict.state = known == before.end() ? State::kUnknown : known->second.state;
    verdict.since = known == before.end() ? parts_.clock->Now() : known->second.since;
    Judge(who, verdict, "by the checks that are left");
  }
}

void HealthChecks::Changed(const health::Target& target, State state, const std::string& detail) {
  const BackendRef& who = by_target_.at(target.name);
  Verdict& verdict = verdicts_.at(who);
  verdict.states[target.name] = state;
  Judge(who, verdict, Place(target, detail));
}

// The model hears every change, also the first: it may still hold what it heard before a backend
// went and came back.
void HealthChecks::Judge(const BackendRef& who, Verdict& verdict, const std::string& why) {
  const State now = Together(verdict.states);
  if (now == verdict.state) return;
  verdict.state = now;
  verdict.since = parts_.clock->Now();
  if (now == State::kUnknown) return;
  parts_.submit({.backend = who, .healthy = now == State::kUp, .reason = why});
}

// What nobody checks any more is up, as what nobody ever checked.
void HealthChecks::ForgetUnchecked() {
  std::vector<BackendRef> unchecked;
  for (const auto& [who, agent] : parts_.model().now.agents) {
    const auto pool = std::ranges::find(config_.pools, who.pool, &settings::ControlPool::name);
    const bool checked = prober_ != nullptr && pool != config_.pools.end() && pool->health;
    if (!agent.healthy && !checked) unchecked.push_back(who);
  }
  for (const BackendRef& who : unchecked) {
    parts_.submit({.backend = who, .healthy = true, .reason = "it is not checked any more"});
  }
}

HealthByBackend HealthChecks::Read() const {
  HealthByBackend all;
  for (const auto& [who, verdict] : verdicts_) {
    all[who] = {.state = verdict.state, .since = verdict.since, .last_failure = {}};
  }
  if (prober_ == nullptr) return all;
  for (const health::Status& status : prober_->Read()) {
    BackendHealth& backend = all.at(by_target_.at(status.name));
    backend.checks += status.checks;
    backend.failures += status.failures;
    backend.held = std::max(backend.held, status.held);
    const bool tells = backend.last_failure.empty() || status.state == State::kDown;
    if (tells && !status.last_failure.empty()) backend.last_failure = status.last_failure;
  }
  return all;
}

}  // namespace joinery::control
