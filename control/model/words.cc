#include "control/model/words.h"

#include <fmt/format.h>

namespace joinery::control {

std::string_view ToString(GenerationState state) noexcept {
  switch (state) {
    case GenerationState::kPending:
      return "pending";
    case GenerationState::kActive:
      return "active";
    case GenerationState::kDraining:
      return "draining";
  }
  return "?";
}

std::string_view ToString(BackendState state) noexcept {
  switch (state) {
    case BackendState::kAdded:
      return "added";
    case BackendState::kUp:
      return "up";
    case BackendState::kDraining:
      return "draining";
    case BackendState::kLeaving:
      return "leaving";
    case BackendState::kFailed:
      return "failed";
  }
  return "?";
}

std::string ToString(const BackendRef& ref) { return ref.pool + "/" + ref.backend; }

std::string Show(const api::Position& at) { return fmt::format("{}.{}", at.epoch, at.version); }

std::string ToString(seconds duration) {
  const int64_t s = duration.count();
  if (s < 120) return fmt::format("{} s", s);
  const int64_t minutes = (s + 59) / 60;
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes % 60 == 0) return fmt::format("{} h", minutes / 60);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

seconds CeilSeconds(Nanoseconds duration) noexcept { return std::chrono::ceil<seconds>(duration); }

}  // namespace joinery::control
