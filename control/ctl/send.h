// One command to control, and what it says of it.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "control/ctl/context.h"

namespace joinery::ctl {

// Between two looks of a command that waits.
inline constexpr std::chrono::milliseconds kPollPause{500};

// Prints what happened, a line each, or the answer as it is with --json. False: refused, and said.
[[nodiscard]] bool Send(Context& context, const std::string& command,
                        const std::function<void(api::JsonWriter&)>& write);

}  // namespace joinery::ctl
