#include "control/model/agent_reports.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/model/encoding.h"
#include "control/model/health.h"
#include "control/model/recovery.h"
#include "control/model/rules.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

bool IsZero(const api::AgentReport& report, Serial serial) noexcept {
  const api::GenerationUse* use = UseOf(report, serial);
  return use != nullptr && use->tokens == 0 && use->keys == 0 && report.encoding != serial;
}

// Since when a draining generation has had nothing on this backend. What it said before it knew
// that the generation drains does not count: it may still have been making tokens.
void Count(AgentStatus& agent, const Pool& pool, Instant now) {
  if (!agent.report) return;
  const api::AgentReport& report = *agent.report;
  for (const Generation& generation : pool.generations) {
    if (generation.state != GenerationState::kDraining) {
      agent.zeros.erase(generation.serial);
      continue;
    }
    const bool knows = generation.drained != api::Position{} && agent.view >= generation.drained;
    if (!Holds(Rule::kZeroIsOfDraining, knows) || !IsZero(report, generation.serial)) {
      agent.zeros.erase(generation.serial);
      continue;
    }
    agent.zeros.try_emplace(generation.serial, Zero{.from = now}).first->second.until = now;
  }
}

bool MayEncode(const Model& model, const Backend& backend, const AgentStatus& agent,
               const Pool& pool) {
  if (model.now.recovery.waiting || EncodesUnder(pool, backend) == nullptr) return false;
  return Holds(Rule::kEncodesCurrentView, agent.view == backend.view);
}

void Learn(Transition& step, const AgentReported& event, AgentStatus& agent) {
  const std::string who = ToString(event.from);
  if (!event.trusted_bytes && !agent.foreign) {
    step.Log(Severity::kAlarm,
             fmt::format("agent {} holds other bytes under {} than control sent (I8)", who,
                         Show(event.report.view.at)));
  }
  if (event.report.rejected && (!agent.report || !agent.report->rejected)) {
    step.Log(Severity::kAlarm,
             fmt::format("agent {} rejects {}: {}", who, Show(event.report.rejected->at),
                         event.report.rejected->reason));
  }
  if (agent.report && agent.report->incarnation != event.report.incarnation) {
    step.Log(
        Severity::kWarning,
        fmt::format("agent {} has a new encoder: its tokens carry no ID until it is told", who));
  }
  agent.foreign = !event.trusted_bytes;
  agent.view = Holds(Rule::kForeignBytesConfirmNothing, event.trusted_bytes) ? event.report.view.at
                                                                             : api::Position{};
  agent.report = event.report;
}

}  // namespace

const api::GenerationUse* UseOf(const api::AgentReport& report, Serial serial) noexcept {
  const auto use = std::ranges::find(report.uses, serial, &api::GenerationUse::serial);
  return use == report.uses.end() ? nullptr : &*use;
}

bool EncodesNothing(const Backend& backend, const AgentStatus* agent) {
  return agent != nullptr && agent->report && agent->view >= backend.view &&
         !agent->report->encoding;
}

bool IsEmpty(const Pool& pool, const Backend& backend, const AgentStatus* agent) {
  if (agent == nullptr) return false;
  const std::optional<api::AgentReport>& report = agent->report;
  if (!report) return false;
  const bool flushed = backend.flushed != api::Position{} && agent->view >= backend.flushed;
  if (!Holds(Rule::kFlushedBeforeGone, flushed)) return false;
  if (report->connections != 0 || report->encoding) return false;
  const api::AgentReport& last = *report;
  return std::ranges::all_of(pool.generations, [&](const Generation& generation) {
    return !backend.encoded.contains(generation.serial) || IsZero(last, generation.serial);
  });
}

void OnAgentReport(Transition& step, const AgentReported& event) {
  step.actions.agent_reply =
      api::AgentReply{.view = event.report.view.at, .incarnation = event.report.incarnation};
  const auto pool = step.durable().pools.find(event.from.pool);
  if (pool == step.durable().pools.end()) return;
  const auto backend = pool->second.backends.find(event.from.backend);
  if (backend == pool->second.backends.end()) return;
  AgentStatus& agent = step.known().agents[event.from];
  if (!agent.sessions.Admit(event.report.sequence)) return;
  Learn(step, event, agent);
  HearAgent(step, event);
  Count(agent, pool->second, step.now);
  step.actions.agent_reply->may_encode =
      MayEncode(step.model, backend->second, agent, pool->second);
}

void OnHealth(Transition& step, const HealthChanged& event) {
  const auto pool = step.durable().pools.find(event.backend.pool);
  if (pool == step.durable().pools.end() ||
      !pool->second.backends.contains(event.backend.backend)) {
    return;
  }
  AgentStatus& agent = step.known().agents[event.backend];
  if (agent.healthy == event.healthy) return;
  const std::string& name = pool->first;
  const std::string before = Trouble(name, JudgeHealth(step.model, name, pool->second));
  agent.healthy = event.healthy;
  step.Log(event.healthy ? Severity::kInfo : Severity::kWarning,
           fmt::format("{} is {}{}{}", ToString(event.backend), event.healthy ? "up" : "down",
                       event.reason.empty() ? "" : ": ", event.reason));
  const std::string after = Trouble(name, JudgeHealth(step.model, name, pool->second));
  if (!after.empty() && after != before) step.Log(Severity::kAlarm, after);
  if (after.empty() && !before.empty()) {
    step.Log(Severity::kInfo, fmt::format("{}: health is heeded again", name));
  }
  step.LoadChanged();
}

}  // namespace joinery::control
