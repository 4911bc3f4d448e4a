#include "control/model/membership.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "control/model/agent_reports.h"
#include "control/model/backend_ids.h"
#include "control/model/encoding.h"
#include "control/model/rules.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

constexpr api::Position kNone{};

const AgentStatus* AgentOf(const Transition& step, const BackendRef& who) {
  const auto agent = step.known().agents.find(who);
  return agent == step.known().agents.end() ? nullptr : &agent->second;
}

std::string Left(const Transition& step, const BackendRef& who) {
  const AgentStatus* agent = AgentOf(step, who);
  if (agent == nullptr || !agent->report) return "its agent has not reported";
  return fmt::format("{} connections left, the oldest {} old", agent->report->connections,
                     ToString(seconds(agent->report->oldest_connection_s)));
}

void SayDeadline(Transition& step, const BackendRef& who, Backend& backend) {
  step.Log(Severity::kWarning,
           fmt::format("{}: its time to drain is over: {}", ToString(who), Left(step, who)));
  backend.deadline.reset();
  step.actions.durable = true;
}

// One that was here before, and went without a word, may still make tokens under what has retired
// since, or under an ID that another has. Who was here before is not always known: its ID may have
// gone to another, or a backup have forgotten it.
bool IsSilent(const Transition& step, const BackendRef& who, const Pool& pool,
              const Backend& backend) {
  const bool has_agents = pool.layout.handshake != settings::Handshake::kNone;
  return !has_agents || EncodesNothing(backend, AgentOf(step, who));
}

bool MayBePlaced(const Transition& step, const BackendRef& who, const Pool& pool,
                 const Backend& backend, const ConfirmedParts& confirmed) {
  const bool reached = backend.named_in != kNone && confirmed.load >= backend.named_in;
  return Holds(Rule::kNamedBeforePlaced, reached) &&
         Holds(Rule::kArrivesSilent, IsSilent(step, who, pool, backend));
}

// One step towards being placed on: first all balancers decode its ID, then all know how to reach
// it. To a balancer without the second a token of it names a failed backend.
void ArriveFurther(Transition& step, const BackendRef& who, const Pool& pool, Backend& backend,
                   const ConfirmedParts& confirmed) {
  // Also when it has a load entry: another may have got a lease since, which the barrier allowed.
  const bool decoded = backend.published != kNone && confirmed.scheme >= backend.published;
  if (!Holds(Rule::kDecodableBeforePlaced, decoded)) return;
  if (!backend.named) {
    backend.named = true;
    step.actions.durable = true;
    step.LoadChanged();
  } else if (MayBePlaced(step, who, pool, backend, confirmed)) {
    step.known().load_barrier = std::max(step.known().load_barrier, backend.named_in);
    Become(step, who, backend, BackendState::kUp, "all balancers with a lease decode its ID");
  }
}

// One step of leaving; true: the backend is gone.
bool LeaveFurther(Transition& step, const BackendRef& who, const Pool& pool, Backend& backend,
                  const ConfirmedParts& confirmed) {
  if (backend.deadline && step.durable().age >= *backend.deadline) {
    Drop(step, who, false, fmt::format("its time is over: {}", Left(step, who)));
    return true;
  }
  const bool unplaced = backend.unplaced != kNone && confirmed.load >= backend.unplaced;
  if (!Holds(Rule::kPlacementLeavesFirst, unplaced)) return false;
  if (!backend.flushing) {
    step.Log(Severity::kInfo,
             fmt::format("{}: no balancer with a lease places on it: it flushes its keys",
                         ToString(who)));
    backend.flushing = true;
    step.known().load_barrier = std::max(step.known().load_barrier, backend.unplaced);
    step.AgentChanged(who);
    return false;
  }
  if (!IsEmpty(pool, backend, AgentOf(step, who))) return false;
  Drop(step, who, true, "it is empty");
  return true;
}

}  // namespace

void Become(Transition& step, const BackendRef& who, Backend& backend, BackendState next,
            std::string_view why) {
  step.Log(Severity::kInfo, fmt::format("{} {} -> {}: {}", ToString(who), ToString(backend.state),
                                        ToString(next), why));
  const bool placed = next == BackendState::kAdded || next == BackendState::kUp;
  if (placed) backend.unplaced = kNone;
  if (next == BackendState::kAdded) {
    backend.named = false;
    backend.named_in = kNone;
  }
  if (next != BackendState::kLeaving) {
    backend.flushing = false;
    backend.flushed = kNone;
  }
  if (next != BackendState::kDraining && next != BackendState::kLeaving) backend.deadline.reset();
  backend.state = next;
  step.LoadChanged();
  step.AgentChanged(who);
}

Expected<void, Refusal> Add(Transition& step, const BackendRef& who, const Endpoint& endpoint) {
  Pool& pool = step.durable().pools.at(who.pool);
  if (pool.backends.size() >= pool.layout.max_backends) {
    return tl::unexpected<Refusal>(
        Refusal{fmt::format("{}: the pool has {} backends; allowed {} (max_backends)",
                            ToString(who), pool.backends.size(), pool.layout.max_backends)});
  }
  Expected<RestingId, Refusal> id = TakeId(step, pool, who.backend);
  if (!id) {
    id.error().message = fmt::format("{}: {}", ToString(who), id.error().message);
    return tl::unexpected<Refusal>(std::move(id.error()));
  }
  Backend backend{.id = id->id, .endpoint = endpoint, .encoded = std::move(id->encoded)};
  pool.backends.emplace(who.backend, std::move(backend));
  step.Log(Severity::kInfo, fmt::format("{} -> added with ID {}", ToString(who), id->id.value()));
  step.SchemeChanged();
  step.AgentChanged(who);
  return {};
}

void Leave(Transition& step, const BackendRef& who, Backend& backend, std::optional<Age> deadline) {
  const bool never_used = backend.state == BackendState::kAdded && backend.encoded.empty();
  if (never_used) return Drop(step, who, true, "it never had a connection");
  const bool unreachable =
      backend.state == BackendState::kAdded || backend.state == BackendState::kFailed;
  if (unreachable) return Drop(step, who, false, "nothing reached it any more");
  if (backend.state != BackendState::kLeaving) {
    Become(step, who, backend, BackendState::kLeaving, "removed");
  }
  backend.deadline = deadline;
  step.actions.durable = true;
}

void ComeBack(Transition& step, const BackendRef& who, Backend& backend) {
  Become(step, who, backend, BackendState::kUp, "it is wanted again");
}

void Reach(Transition& step, const BackendRef& who, Backend& backend, const Endpoint& endpoint) {
  if (backend.endpoint == endpoint) return;
  const bool moves =
      backend.endpoint.address != endpoint.address || backend.endpoint.encap != endpoint.encap;
  backend.endpoint = endpoint;
  step.actions.durable = true;
  step.LoadChanged();
  if (!moves) return;
  step.Log(Severity::kInfo,
           fmt::format("{} is now at {}", ToString(who), ToString(endpoint.address)));
  step.SchemeChanged();
}

void Drop(Transition& step, const BackendRef& who, bool clean, std::string_view why) {
  Pool& pool = step.durable().pools.at(who.pool);
  const auto backend = pool.backends.find(who.backend);
  step.Log(clean ? Severity::kInfo : Severity::kWarning,
           fmt::format("{} {} -> removed: {}{}", ToString(who), ToString(backend->second.state),
                       why, clean ? "" : "; its ID goes to quarantine"));
  Rest(step, pool, who.backend, backend->second, clean);
  // Its keys are flushed and its tokens gone: no generation has to wait for it.
  if (clean) {
    for (Generation& generation : pool.generations) generation.told.erase(who.backend);
  }
  pool.backends.erase(backend);
  step.SchemeChanged();
  step.LoadChanged();
}

void SettleBackends(Transition& step, const std::string& name, Pool& pool,
                    const ConfirmedParts& confirmed) {
  std::vector<std::string> names;  // a step of leaving takes a backend away
  for (const auto& [backend_name, backend] : pool.backends) names.push_back(backend_name);
  for (const std::string& backend_name : names) {
    const BackendRef who = {name, backend_name};
    Backend& backend = pool.backends.at(backend_name);
    if (backend.state == BackendState::kAdded) {
      ArriveFurther(step, who, pool, backend, confirmed);
    } else if (backend.state == BackendState::kDraining && backend.deadline &&
               step.durable().age >= *backend.deadline) {
      SayDeadline(step, who, backend);
    } else if (backend.state == BackendState::kLeaving) {
      LeaveFurther(step, who, pool, backend, confirmed);
    }
  }
}

}  // namespace joinery::control
