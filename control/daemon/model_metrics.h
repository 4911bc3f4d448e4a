// The model for Prometheus: what `joinctl status` shows, as numbers. Labels are names of the
// configuration, states and codepoints; so how many series there are is the operator's doing
// alone. Pure.
#pragma once

#include "api/metrics/families.h"
#include "control/daemon/generation_ages.h"
#include "control/model/model.h"

namespace joinery::control {

void AddModel(api::Families& families, const Model& model, const GenerationAges& ages, Instant now);

// How many changes a receiver at `at` has yet to confirm; of an earlier epoch: all of this one.
[[nodiscard]] uint64_t Lag(const api::Position& newest, const api::Position& at) noexcept;

}  // namespace joinery::control
