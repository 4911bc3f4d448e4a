#include <algorithm>

#include "control/model/status.h"

namespace joinery::control {

Sessions::Verdict Sessions::Admit(const api::Sequence& sequence) {
  if (last_ && last_->session == sequence.session) {
    if (sequence.number <= last_->number) return Verdict::kLate;
    last_ = sequence;
    return Verdict::kNext;
  }
  if (std::ranges::find(former_, sequence.session) != former_.end()) return Verdict::kLate;
  if (last_) former_.push_back(last_->session);
  if (former_.size() > kRemembered) former_.pop_front();
  last_ = sequence;
  return Verdict::kNewSession;
}

}  // namespace joinery::control
