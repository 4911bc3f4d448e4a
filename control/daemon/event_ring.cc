#include "control/daemon/event_ring.h"

#include <chrono>
#include <ctime>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "api/json_writer.h"
#include "api/view_json.h"

namespace joinery::control {

void EventRing::Add(std::string time, const LogEntry& entry) {
  events_.push_back({.number = ++last_, .time = std::move(time), .entry = entry});
  if (events_.size() > kKept) events_.pop_front();
}

std::string EventRing::ToJson() const {
  api::JsonWriter out;
  api::BeginMessage(out).Member("events").BeginArray();
  for (const Event& event : events_) {
    out.BeginObject().Member("number").Integer(event.number);
    out.Member("time").String(event.time);
    out.Member("severity").String(ToString(event.entry.severity));
    out.Member("text").String(event.entry.text).EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

std::string_view ToString(Severity severity) noexcept {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kAlarm:
      return "alarm";
  }
  return "";
}

std::string TimeOfDay() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const int64_t ms = std::chrono::duration_cast<milliseconds>(now).count();
  constexpr int64_t kSecond = 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::time_t{ms / kSecond}),
                     ms % kSecond);
}

}  // namespace joinery::control
