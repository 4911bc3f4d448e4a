#include "control/model/retirement.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/model/agent_reports.h"
#include "control/model/rules.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

constexpr size_t kNamed = 3;  // backends that a sentence names; the rest is a number

bool IsUp(const Pool& pool, const std::string& name) {
  const auto found = pool.backends.find(name);
  return found != pool.backends.end() && found->second.state == BackendState::kUp;
}

Holdout Judge(const Policy& policy, const std::string& name, const AgentStatus& agent,
              const Generation& generation) {
  Holdout holdout{.backend = name, .why = "not reported"};
  if (!agent.report) return holdout;
  if (const api::GenerationUse* use = UseOf(*agent.report, generation.serial)) {
    holdout.tokens = use->tokens;
    if (use->tokens != 0) holdout.why = fmt::format("{} tokens", use->tokens);
    if (use->tokens == 0 && use->keys != 0) holdout.why = fmt::format("{} keys", use->keys);
  }
  const auto zero = agent.zeros.find(generation.serial);
  if (zero == agent.zeros.end()) return holdout;
  const Nanoseconds held = zero->second.until - zero->second.from;
  const seconds needed = Obeys(Rule::kRetireHolds) ? policy.retire_hold : seconds{0};
  if (held >= needed) return {};
  holdout.wait = CeilSeconds(needed - held);
  holdout.why = fmt::format("zero for {} of {}", ToString(std::chrono::floor<seconds>(held)),
                            ToString(needed));
  return holdout;
}

}  // namespace

std::vector<Holdout> Holdouts(const Model& model, const std::string& pool_name, const Pool& pool,
                              const Generation& generation) {
  std::vector<Holdout> holdouts;
  static const AgentStatus kSilent;
  for (const std::string& name : generation.told) {
    if (!Obeys(Rule::kRetireWaitsForAllTold) && !IsUp(pool, name)) continue;
    const auto agent = model.now.agents.find({pool_name, name});
    const bool silent = agent == model.now.agents.end() || !agent->second.report;
    Holdout holdout =
        Judge(model.durable.policy, name, silent ? kSilent : agent->second, generation);
    if (!holdout.backend.empty()) holdouts.push_back(std::move(holdout));
  }
  return holdouts;
}

seconds DrainLeft(const Model& model, const Generation& generation) noexcept {
  const Age end = generation.draining_since + model.durable.policy.drain_max;
  return std::max(Age{0}, end - model.durable.age);
}

std::string DescribeDrain(const Model& model, const std::string& pool_name, const Pool& pool,
                          const Generation& generation) {
  const std::vector<Holdout> holdouts = Holdouts(model, pool_name, pool, generation);
  std::string text = fmt::format("generation {} drains", generation.serial.value());
  for (size_t i = 0; i < std::min(holdouts.size(), kNamed); ++i) {
    text += fmt::format("{} {}: {}", i == 0 ? ":" : ",", holdouts[i].backend, holdouts[i].why);
  }
  if (holdouts.size() > kNamed) text += fmt::format(" and {} more", holdouts.size() - kNamed);
  return text +
         fmt::format("; it retires in {} at the latest", ToString(DrainLeft(model, generation)));
}

}  // namespace joinery::control
