// What this run of control has sent under which position, so that a confirmation counts only if it
// is of the same bytes (docs/protocol.md section 3, I8).
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "api/position.h"

namespace joinery::control {

class SentViews {
 public:
  // Of one receiver's view; older ones are forgotten, and then believed.
  static constexpr size_t kRemembered = 1024;

  void Add(std::string_view resource, const api::Stamp& stamp);

  // Whether the stamp is of bytes that were sent, or of another run's, which this one cannot know.
  // {0, 0} is nothing, and nothing is what it says.
  [[nodiscard]] bool Trusts(std::string_view resource, const api::Stamp& stamp,
                            uint64_t epoch) const;

 private:
  std::map<std::string, std::deque<api::Stamp>, std::less<>> sent_;
};

}  // namespace joinery::control
