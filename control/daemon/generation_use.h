// What backends report of a generation, summed over a pool: for the status and for metrics. Pure.
#pragma once

#include <string>

#include "api/reports.h"
#include "control/model/model.h"

namespace joinery::control {

// Tokens of it in use, and keys sampled for it, over all backends that report.
[[nodiscard]] api::GenerationUse UseOf(const Model& model, const std::string& pool, Serial serial);

}  // namespace joinery::control
