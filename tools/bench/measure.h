// Paired windows: a short window of the subject, then one of the baseline, a probe around each,
// until enough pairs were quiet. Medians of those are the result, their quartiles the spread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace joinery::bench {

// Something to time.
struct Task {
  std::function<size_t()> run;     // one window; returns the packets handled, at least 1
  std::function<void()> clean_up;  // after the window, not timed
};

struct Limits {
  size_t quiet_pairs = 101;  // stop when this many pairs were quiet
  double seconds = 3;        // or when this much time has gone
  // The quickest probe that other processes on this machine have seen, so that one that runs beside
  // a busy sibling all the time does not take that for quiet.
  uint64_t reference_probe = UINT64_MAX;
};

struct Quantiles {
  double low = 0;     // first quartile
  double median = 0;  // all in ns a packet, or a ratio
  double high = 0;    // third quartile
};

struct Paired {
  Quantiles subject;
  Quantiles baseline;
  Quantiles ratio;  // subject / baseline, pair by pair
  size_t pairs = 0;
  size_t quiet_pairs = 0;  // the quantiles are of these, if there are any, else of all
  uint64_t quickest_probe = 0;
};

[[nodiscard]] Paired MeasurePaired(const Task& subject, const Task& baseline, const Limits& limits);

// Of at least one value; between two values it interpolates.
[[nodiscard]] Quantiles QuantilesOf(std::vector<double> values);

}  // namespace joinery::bench
