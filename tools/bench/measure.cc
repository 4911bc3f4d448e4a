#include "tools/bench/measure.h"

#include <algorithm>
#include <cmath>

#include "tools/bench/cycle_clock.h"
#include "tools/bench/probe.h"

namespace joinery::bench {
namespace {

struct Window {
  double ns_a_packet;
  uint64_t worst_probe;  // ticks, of the one before and the one after
};

struct Pair {
  Window subject;
  Window baseline;
};

[[nodiscard]] Window Time(const Task& task) {
  const uint64_t before = ProbeTicks();
  const uint64_t start = ReadTicks();
  const size_t packets = task.run();
  const uint64_t ticks = ReadTicks() - start;
  const uint64_t after = ProbeTicks();
  task.clean_up();
  return {static_cast<double>(ticks) / TicksPerNanosecond() / static_cast<double>(packets),
          std::max(before, after)};
}

// The quickest probe so far, of this process or the reference: what the core gives when it is all
// ours.
uint64_t quickest_probe = UINT64_MAX;

[[nodiscard]] bool Quiet(const Pair& pair) noexcept {
  const auto worst = std::max(pair.subject.worst_probe, pair.baseline.worst_probe);
  return static_cast<double>(worst) <= static_cast<double>(quickest_probe) * kQuietRatio;
}

[[nodiscard]] Paired Summarise(const std::vector<Pair>& pairs) {
  const auto quiet = static_cast<size_t>(std::count_if(pairs.begin(), pairs.end(), Quiet));
  std::vector<double> subject, baseline, ratio;
  for (const Pair& pair : pairs) {
    if (quiet > 0 && !Quiet(pair)) continue;
    subject.push_back(pair.subject.ns_a_packet);
    baseline.push_back(pair.baseline.ns_a_packet);
    ratio.push_back(pair.subject.ns_a_packet / pair.baseline.ns_a_packet);
  }
  return {.subject = QuantilesOf(subject),
          .baseline = QuantilesOf(baseline),
          .ratio = QuantilesOf(ratio),
          .pairs = pairs.size(),
          .quiet_pairs = quiet,
          .quickest_probe = quickest_probe};
}

}  // namespace

Quantiles QuantilesOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&values](double fraction) {
    const double place = fraction * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(std::floor(place));
    const size_t above = std::min(below + 1, values.size() - 1);
    const double weight = place - static_cast<double>(below);
    return values[below] * (1 - weight) + values[above] * weight;
  };
  return {.low = at(0.25), .median = at(0.5), .high = at(0.75)};
}

Paired MeasurePaired(const Task& subject, const Task& baseline, const Limits& limits) {
  quickest_probe = std::min(quickest_probe, limits.reference_probe);
  for (int i = 0; i < 32; ++i) quickest_probe = std::min(quickest_probe, ProbeTicks());
  // Once each, so that caches, pages and the frequency are as they will be.
  (void)Time(subject);
  (void)Time(baseline);

  std::vector<Pair> pairs;
  const uint64_t start = ReadTicks();
  const double last = limits.seconds * 1e9 * TicksPerNanosecond();
  size_t quiet = 0;
  while (pairs.empty() ||
         (quiet < limits.quiet_pairs && static_cast<double>(ReadTicks() - start) < last)) {
    const Pair pair{Time(subject), Time(baseline)};
    quickest_probe =
        std::min({quickest_probe, pair.subject.worst_probe, pair.baseline.worst_probe});
    quiet += Quiet(pair) ? 1 : 0;
    pairs.push_back(pair);
  }
  return Summarise(pairs);
}

}  // namespace joinery::bench
