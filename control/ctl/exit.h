// What joinctl's exit status says; docs/operations.md and the manual page have the same list.
#pragma once

namespace joinery::ctl {

enum class Exit : int {
  kDone = 0,
  kRefused = 1,      // control says no, or a file is wrong; the message says why
  kUsage = 2,        // the command line
  kUnreachable = 3,  // no answer from control
  kTimeout = 4,      // --wait: it did not end in time, and may go on
};

}  // namespace joinery::ctl
