// The invariants of docs/protocol.md section 3 by their names, over one model: what must hold
// between any two steps. Checked after every step in tests and in the simulator. I7 (cookie rules)
// has its place here when cookies are built. What needs the state of balancers and agents
// themselves, and not only what they reported, is in tests/simulator/truth.h.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "control/model/model.h"

namespace joinery::control {

// What is broken, in one sentence; none: it holds.
using Broken = std::optional<std::string>;

[[nodiscard]] Broken I1(const Model& model, Instant now);
[[nodiscard]] Broken I2(const Model& model);
[[nodiscard]] Broken I3(const Model& model);
[[nodiscard]] Broken I4(const Model& model, Instant now);
[[nodiscard]] Broken I5(const Model& model, Instant now);
[[nodiscard]] Broken I6(const Model& model);
[[nodiscard]] Broken I8(const Model& model);
[[nodiscard]] Broken I9(const Model& model);

// The first that is broken, with its name in front: "I1: ...".
[[nodiscard]] Broken CheckInvariants(const Model& model, Instant now);
// Those that a balancer's report alone can break, which changed nothing but what it holds.
[[nodiscard]] Broken CheckLeases(const Model& model, Instant now);

}  // namespace joinery::control
