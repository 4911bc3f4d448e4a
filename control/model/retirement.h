// When a draining generation may retire: every backend that was ever told of it has reported that
// its keys are flushed and its tokens gone for retire_hold_s, or drain_max_h has passed.
#pragma once

#include <string>
#include <vector>

#include "control/model/model.h"

namespace joinery::control {

// A backend that a draining generation still waits for.
struct Holdout {
  std::string backend;
  std::string why;      // "34 tokens", "not reported", "zero for 40 s of 180 s"
  seconds wait{};       // at the least
  uint32_t tokens = 0;  // as last reported
};

[[nodiscard]] std::vector<Holdout> Holdouts(const Model& model, const std::string& pool_name,
                                            const Pool& pool, const Generation& generation);

// How long drain_max_h leaves it; 0: it is over.
[[nodiscard]] seconds DrainLeft(const Model& model, const Generation& generation) noexcept;

// "web: generation 1 drains: b1 has 34 tokens, b2 not reported; it retires after 23 h at the
// latest"
[[nodiscard]] std::string DescribeDrain(const Model& model, const std::string& pool_name,
                                        const Pool& pool, const Generation& generation);

}  // namespace joinery::control
