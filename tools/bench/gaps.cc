#include "tools/bench/gaps.h"

#include <algorithm>
#include <cmath>

namespace joinery::bench {

uint32_t Gaps::Quantile(double share) {
  if (ticks_.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(ticks_.size()));
  const auto nth = ticks_.begin() + std::max(0L, static_cast<long>(rank) - 1);
  std::nth_element(ticks_.begin(), nth, ticks_.end());
  return *nth;
}

}  // namespace joinery::bench
