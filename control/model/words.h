// States, names and durations in the words of docs/protocol.md, as logs, refusals and transcripts
// print them.
#pragma once

#include <string>
#include <string_view>

#include "api/position.h"
#include "base/clock.h"
#include "control/model/backend.h"
#include "control/model/generation.h"

namespace joinery::control {

[[nodiscard]] std::string_view ToString(GenerationState state) noexcept;
[[nodiscard]] std::string_view ToString(BackendState state) noexcept;
// "web/b1"
[[nodiscard]] std::string ToString(const BackendRef& ref);
// "3.17": epoch, version
[[nodiscard]] std::string Show(const api::Position& at);
// "45 s", "3 min", "23 h 10 min"; rounded up, so that who waits that long has waited enough
[[nodiscard]] std::string ToString(seconds duration);

// Whole seconds, rounded up.
[[nodiscard]] seconds CeilSeconds(Nanoseconds duration) noexcept;

}  // namespace joinery::control
