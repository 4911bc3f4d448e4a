// Backend IDs: drawn at random from 2^s values, and at rest after their backend has left
// (docs/protocol.md section 2, section 3 I3).
#pragma once

#include <string>

#include "base/expected.h"
#include "control/model/transition.h"

namespace joinery::control {

// Whether another backend may have it: its own left empty, or else every generation that it encoded
// under has retired and quarantine_h has passed.
[[nodiscard]] bool IsFree(const Model& model, const Pool& pool, const RestingId& resting) noexcept;

// The ID that this name had before, or a free one; its record at rest is then gone. The error says
// how long to wait.
[[nodiscard]] Expected<RestingId, Refusal> TakeId(Transition& step, Pool& pool,
                                                  const std::string& backend);

// Puts the ID of a backend that leaves at rest.
void Rest(Transition& step, Pool& pool, const std::string& name, const Backend& backend,
          bool clean);

}  // namespace joinery::control
