// The operator's commands as JSON, one object each: `{"schema":1,"pool":"web","backend":"b1"}`
// under the command's name. Members that are absent have their default.
#pragma once

#include <span>
#include <string_view>

#include "base/expected.h"
#include "control/model/event.h"

namespace joinery::control {

struct CommandInfo {
  std::string_view name;     // "drain"
  std::string_view members;  // "pool, backend, deadline_s?"
};

// In alphabetical order.
[[nodiscard]] std::span<const CommandInfo> Commands();

// An unknown command's error names those that there are.
[[nodiscard]] Expected<Event> ParseCommand(std::string_view name, std::string_view json);

}  // namespace joinery::control
