#include <algorithm>

#include "control/model/status.h"

namespace joinery::control {

bool Sessions::Admit(const api::Sequence& sequence) {
  const auto known = std::ranges::find(last_, sequence.session, &api::Sequence::session);
  if (known == last_.end()) {
    last_.push_back(sequence);
    if (last_.size() > kRemembered) last_.pop_front();
    return true;
  }
  if (sequence.number <= known->number) return false;
  known->number = sequence.number;
  return true;
}

}  // namespace joinery::control
