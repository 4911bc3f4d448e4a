#include "control/health/tracker.h"

#include <algorithm>
#include <cmath>

namespace joinery::health {
namespace {

// The interval, longer or shorter by up to jitter_percent.
Nanoseconds Jittered(const Policy& policy, Random& random) noexcept {
  const double share = policy.jitter_percent / 100.0;
  const double at = static_cast<double>(random.Uint32()) / UINT32_MAX;  // 0..1
  const double factor = 1 - share + 2 * share * at;
  return Nanoseconds(std::llround(static_cast<double>(policy.interval.count()) * factor));
}

Nanoseconds Within(Nanoseconds interval, Random& random) noexcept {
  const double at = static_cast<double>(random.Uint32()) / UINT32_MAX;
  return Nanoseconds(std::llround(static_cast<double>(interval.count()) * at));
}

}  // namespace

std::string_view Name(State state) noexcept {
  switch (state) {
    case State::kUnknown:
      return "unknown";
    case State::kUp:
      return "up";
    case State::kDown:
      return "down";
  }
  return "?";
}

Tracker::Tracker(const Policy& policy, Instant now, Random& random) noexcept
    : policy_(policy), due_(now + Within(policy.interval, random)), penalty_at_(now) {}

bool Tracker::Finish(bool success, Instant now, Random& random) noexcept {
  due_ = now + Jittered(policy_, random);
  const State before = state_;
  if (state_ == State::kUnknown) {
    Enter(success ? State::kUp : State::kDown, now);
    return true;
  }
  if (success == (state_ == State::kUp)) {
    against_ = 0;
    return false;
  }
  ++against_;
  if (state_ == State::kUp && against_ >= policy_.fall) Enter(State::kDown, now);
  if (state_ == State::kDown && success && against_ >= policy_.rise) {
    if (SuppressedFor(now).count() == 0) Enter(State::kUp, now);
  }
  return state_ != before;
}

void Tracker::Enter(State state, Instant now) noexcept {
  if (state_ == State::kUp && state == State::kDown && policy_.half_life.count() > 0) {
    penalty_ = std::min(PenaltyAt(now) + kFallPenalty, kMaxPenalty);
    penalty_at_ = now;
    suppressed_ = suppressed_ || penalty_ > kSuppressAbove;
  }
  if (state == State::kUp) suppressed_ = false;
  state_ = state;
  against_ = 0;
}

double Tracker::PenaltyAt(Instant now) const noexcept {
  if (policy_.half_life.count() <= 0) return 0;
  const auto halves = static_cast<double>((now - penalty_at_).count()) /
                      static_cast<double>(policy_.half_life.count());
  return penalty_ * std::exp2(-halves);
}

Nanoseconds Tracker::SuppressedFor(Instant now) const noexcept {
  const double penalty = PenaltyAt(now);
  if (!suppressed_ || penalty < kReuseBelow) return Nanoseconds::zero();
  const double halves = std::log2(penalty / kReuseBelow);
  return Nanoseconds(
      std::llround(std::ceil(halves * static_cast<double>(policy_.half_life.count())) + 1));
}

}  // namespace joinery::health
