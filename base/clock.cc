#include "base/clock.h"

#include <ctime>

namespace joinery {

Instant BootClock::Now() const noexcept {
  timespec ts{};
  clock_gettime(CLOCK_BOOTTIME, &ts);  // cannot fail: the clock exists and ts is ours
  return Instant(std::chrono::seconds(ts.tv_sec) + Nanoseconds(ts.tv_nsec));
}

}  // namespace joinery
