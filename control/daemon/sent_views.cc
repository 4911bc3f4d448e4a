#include "control/daemon/sent_views.h"

#include <algorithm>

namespace joinery::control {

void SentViews::Add(std::string_view resource, const api::Stamp& stamp) {
  std::deque<api::Stamp>& sent = sent_[std::string(resource)];
  if (!sent.empty() && sent.back() == stamp) return;
  sent.push_back(stamp);
  if (sent.size() > kRemembered) sent.pop_front();
}

bool SentViews::Trusts(std::string_view resource, const api::Stamp& stamp, uint64_t epoch) const {
  if (stamp.at.epoch != epoch) return true;
  const auto found = sent_.find(resource);
  if (found == sent_.end()) return false;
  const std::deque<api::Stamp>& sent = found->second;
  if (sent.size() == kRemembered && stamp.at < sent.front().at) return true;
  return std::ranges::find(sent, stamp) != sent.end();
}

}  // namespace joinery::control
