// The life of a pool's backends: commands, and what confirmations and reports bring about (I3, I5,
// I6).
#pragma once

#include <string>

#include "base/expected.h"
#include "control/model/transition.h"

namespace joinery::control {

void OnAdd(Transition& step, const AddBackend& command);
void OnRemove(Transition& step, const RemoveBackend& command);
void OnDrain(Transition& step, const Drain& command);
void OnUndrain(Transition& step, const Undrain& command);
void OnFail(Transition& step, const MarkFailed& command);
void OnRestore(Transition& step, const Restore& command);
void OnWeight(Transition& step, const SetWeight& command);

// All transitions of a backend that stays.
void Become(Transition& step, const BackendRef& who, Backend& backend, BackendState next,
            std::string_view why);

// The parts of which ConfigApplied is made too.
[[nodiscard]] Expected<void, Refusal> Add(Transition& step, const BackendRef& who,
                                          const Endpoint& endpoint);
void Leave(Transition& step, const BackendRef& who, Backend& backend, std::optional<Age> deadline);
void ComeBack(Transition& step, const BackendRef& who, Backend& backend);
void Reach(Transition& step, const BackendRef& who, Backend& backend, const Endpoint& endpoint);
// At once, whatever it still has.
void Drop(Transition& step, const BackendRef& who, bool clean, std::string_view why);

// What a step's confirmations allow.
struct ConfirmedParts {
  api::Position scheme;
  api::Position load;
};

// Brings up, flushes, removes and forgets what is due.
void SettleBackends(Transition& step, const std::string& name, Pool& pool,
                    const ConfirmedParts& confirmed);

}  // namespace joinery::control
