// Asks the core how much of itself it gives us now. A hyperthread sibling or a hypervisor that
// takes the core away makes any code 1.3 to 1.5 times slower for a while, and there is no PMU to
// tell: so a fixed loop of independent additions is timed before and after each window, and only
// windows between two quick probes count.
#pragma once

#include <cstdint>

namespace joinery::bench {

// Ticks that the loop takes now: about 2.5 microseconds when the core is ours.
[[nodiscard]] uint64_t ProbeTicks() noexcept;

// Probes this much slower than the quickest of the run are not quiet.
inline constexpr double kQuietRatio = 1.04;

}  // namespace joinery::bench
