#include "control/model/rotation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "control/model/confirmation.h"
#include "control/model/encoding.h"
#include "control/model/find.h"
#include "control/model/retirement.h"
#include "control/model/rules.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

constexpr api::Position kNone{};

// The lowest codepoint that no generation stands under; the reserved one, all ones, is never free.
std::optional<Codepoint> FreeCodepoint(const Pool& pool) {
  const int count = (1 << pool.layout.generation_bits) - 1;
  for (int value = 0; value < count; ++value) {
    const Codepoint codepoint(static_cast<uint8_t>(value));
    if (std::ranges::find(pool.generations, codepoint, &Generation::codepoint) ==
        pool.generations.end()) {
      return codepoint;
    }
  }
  return std::nullopt;
}

size_t CountFree(const Pool& pool) {
  return (size_t{1} << pool.layout.generation_bits) - 1 - pool.generations.size();
}

Generation* Pending(Pool& pool) noexcept {
  const auto found =
      std::ranges::find(pool.generations, GenerationState::kPending, &Generation::state);
  return found == pool.generations.end() ? nullptr : &*found;
}

// The draining generation that retires first, if all goes well; there is one when codepoints are
// short.
const Generation* Oldest(const Pool& pool) noexcept {
  const auto found =
      std::ranges::find(pool.generations, GenerationState::kDraining, &Generation::state);
  return found == pool.generations.end() ? nullptr : &*found;
}

void RefuseForCodepoints(Transition& step, const std::string& name, const Pool& pool,
                         size_t needed) {
  const Generation* oldest = Oldest(pool);
  const size_t free = CountFree(pool);
  std::string message = fmt::format("{}: a rotation needs {} free codepoint{}, {} {} free", name,
                                    needed, needed == 1 ? "" : "s", free, free == 1 ? "is" : "are");
  if (oldest == nullptr) return step.Refuse(std::move(message));
  message += "; " + DescribeDrain(step.model, name, pool, *oldest);
  if (free == 1) message += "; rotate --emergency needs one";
  step.Refuse(std::move(message), static_cast<uint32_t>(DrainLeft(step.model, *oldest).count()));
}

void Drains(const Transition& step, Generation& generation) {
  generation.state = GenerationState::kDraining;
  generation.drained = kNone;  // given with the views that say so
  generation.draining_since = step.durable().age;
}

void MakeActive(Transition& step, const std::string& name, Pool& pool, Generation& generation,
                std::string_view why) {
  if (Generation* former = Active(pool)) {
    Drains(step, *former);
    step.Log(Severity::kInfo,
             fmt::format("{}: generation {} active -> draining", name, former->serial.value()));
  }
  step.Log(Severity::kInfo,
           fmt::format("{}: generation {} {} -> active: {}", name, generation.serial.value(),
                       ToString(generation.state), why));
  generation.state = GenerationState::kActive;
  step.SchemeChanged();
  step.AgentsChanged(name);
}

// What a retirement by force takes from whom: their subflows live on, their next joins are lost.
void LogLosses(Transition& step, const std::string& name, const std::vector<Holdout>& holdouts,
               const Generation& generation) {
  for (const Holdout& holdout : holdouts) {
    step.Log(Severity::kWarning,
             fmt::format("{}: generation {} retires by force: {}/{}: {}: they lose future joins",
                         name, generation.serial.value(), name, holdout.backend, holdout.why));
  }
}

void Retire(Transition& step, const std::string& name, Pool& pool, Serial serial,
            std::string_view why) {
  step.Log(Severity::kInfo,
           fmt::format("{}: generation {} draining -> retired: {}", name, serial.value(), why));
  std::erase_if(pool.generations, [&](const Generation& g) { return g.serial == serial; });
  step.SchemeChanged();
  step.AgentsChanged(name);
}

bool RetireIfDue(Transition& step, const std::string& name, Pool& pool,
                 const Generation& generation) {
  if (generation.state != GenerationState::kDraining || generation.drained == kNone) return false;
  const std::vector<Holdout> holdouts = Holdouts(step.model, name, pool, generation);
  if (holdouts.empty()) {
    Retire(step, name, pool, generation.serial, "no backend that was told of it has anything left");
    return true;
  }
  if (DrainLeft(step.model, generation) > seconds{0}) return false;
  LogLosses(step, name, holdouts, generation);
  Retire(step, name, pool, generation.serial, "drain_max_h has passed");
  return true;
}

void ActivateIfDue(Transition& step, const std::string& name, Pool& pool,
                   const api::Position& confirmed) {
  Generation* pending = Pending(pool);
  if (pending == nullptr || pending->published == kNone || confirmed < pending->published) return;
  MakeActive(
      step, name, pool, *pending,
      fmt::format("confirmed by all balancers with a lease, {} of {} in all",
                  CountConfirmed(step.model, pending->published), step.durable().balancers.size()));
}

}  // namespace

void AddGeneration(Transition& step, Pool& pool, const std::string& name) {
  const std::optional<Codepoint> free = FreeCodepoint(pool);
  const Generation* oldest = Oldest(pool);
  if (!free && oldest == nullptr) return;
  const Codepoint codepoint = free ? *free : oldest->codepoint;
  if (Obeys(Rule::kSerialsGrow)) pool.last_serial = Serial(pool.last_serial.value() + 1);
  Generation generation{.codepoint = codepoint, .serial = pool.last_serial, .key = {}};
  if (pool.layout.algorithm != settings::Algorithm::kPlain) {
    crypto::Key128::Bytes bytes;
    step.random.Fill(bytes);
    generation.key = crypto::Key128(bytes);
    crypto::Wipe(bytes);
  }
  step.Log(Severity::kInfo, fmt::format("{}: generation {} -> pending under codepoint {}", name,
                                        generation.serial.value(), codepoint.value()));
  pool.generations.push_back(std::move(generation));
  step.SchemeChanged();
}

void OnRotate(Transition& step, const Rotate& command) {
  Pool* pool = FindPool(step, command.pool);
  if (pool == nullptr) return;
  if (pool->layout.handshake == settings::Handshake::kNone) {
    return step.Refuse(fmt::format("{}: handshake none has no generations", command.pool));
  }
  if (const Generation* pending = Pending(*pool)) {
    return step.Refuse(fmt::format(
        "{}: generation {} is pending: {} of {} balancers have confirmed; "
        "wait for it, or abort it",
        command.pool, pending->serial.value(), CountConfirmed(step.model, pending->published),
        step.durable().balancers.size()));
  }
  const size_t needed = command.emergency || !Obeys(Rule::kTwoFreeCodepoints) ? 1 : 2;
  const bool free = CountFree(*pool) >= needed;
  if (!Holds(Rule::kCodepointMustBeFree, free)) {
    return RefuseForCodepoints(step, command.pool, *pool, needed);
  }
  AddGeneration(step, *pool, command.pool);
}

void OnRollback(Transition& step, const Rollback& command) {
  Pool* pool = FindPool(step, command.pool);
  if (pool == nullptr) return;
  Generation* target = nullptr;
  for (Generation& generation : pool->generations) {
    if (generation.state != GenerationState::kDraining) continue;
    const bool wanted =
        command.serial ? generation.serial == *command.serial
                       : target == nullptr || target->draining_since <= generation.draining_since;
    if (wanted) target = &generation;
  }
  if (target == nullptr) {
    return step.Refuse(fmt::format(
        "{}: no such generation is draining: only a draining one is still decoded by all "
        "balancers and can be active again",
        command.pool));
  }
  MakeActive(step, command.pool, *pool, *target, "rolled back");
}

void OnAbort(Transition& step, const Abort& command) {
  Pool* pool = FindPool(step, command.pool);
  if (pool == nullptr) return;
  const Generation* pending = Pending(*pool);
  if (pending == nullptr) {
    return step.Refuse(fmt::format("{}: no generation is pending", command.pool));
  }
  if (Active(*pool) == nullptr) {
    return step.Refuse(
        fmt::format("{}: generation {} is the first of its pool; without it the backends have none",
                    command.pool, pending->serial.value()));
  }
  const Serial serial = pending->serial;
  step.Log(Severity::kInfo,
           fmt::format("{}: generation {} pending -> aborted", command.pool, serial.value()));
  std::erase_if(pool->generations, [&](const Generation& g) { return g.serial == serial; });
  step.SchemeChanged();
}

void OnForceRetire(Transition& step, const ForceRetire& command) {
  Pool* pool = FindPool(step, command.pool);
  if (pool == nullptr) return;
  const Generation* generation = Find(*pool, command.serial);
  if (generation == nullptr || generation->state != GenerationState::kDraining) {
    return step.Refuse(
        fmt::format("{}: generation {} is not draining", command.pool, command.serial.value()));
  }
  LogLosses(step, command.pool, Holdouts(step.model, command.pool, *pool, *generation),
            *generation);
  Retire(step, command.pool, *pool, command.serial, "by the operator");
}

void SettleGenerations(Transition& step, const std::string& name, Pool& pool,
                       const api::Position& confirmed) {
  ActivateIfDue(step, name, pool, confirmed);
  bool again = true;
  while (again) {  // each retirement takes one away
    again = false;
    for (const Generation& generation : pool.generations) {
      if (RetireIfDue(step, name, pool, generation)) {
        again = true;
        break;
      }
    }
  }
}

}  // namespace joinery::control
