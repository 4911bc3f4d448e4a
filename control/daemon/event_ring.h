// The newest log entries, for `joinctl events`. Numbers grow by one and begin anew at each start.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "control/model/actions.h"

namespace joinery::control {

class EventRing {
 public:
  static constexpr size_t kKept = 512;

  // `time` is for people: RFC 3339, UTC.
  void Add(std::string time, const LogEntry& entry);

  // Of the newest event; 0: none yet.
  [[nodiscard]] uint64_t last() const noexcept { return last_; }
  // {"schema":1,"events":[{"number":7,"time":"...","severity":"info","text":"..."}]}
  [[nodiscard]] std::string ToJson() const;

 private:
  struct Event {
    uint64_t number;
    std::string time;
    LogEntry entry;
  };
  std::deque<Event> events_;
  uint64_t last_ = 0;
};

// "info", "warning", "alarm".
[[nodiscard]] std::string_view ToString(Severity severity) noexcept;

// Now, as RFC 3339 in UTC with milliseconds; for people only.
[[nodiscard]] std::string TimeOfDay();

}  // namespace joinery::control
