#include "tests/simulator/options.h"

#include <fmt/format.h>

namespace joinery::simulator {

Options DrawOptions(Random& random) {
  Options options;
  options.large = random.Below(500) == 0;
  options.balancers = options.large ? 20 : 1 + random.Below(5);
  options.backends = options.large ? 1000 + random.Below(20) : 1 + random.Below(7);
  options.max_backends = options.large ? 1024 : static_cast<uint16_t>(options.backends + 1);
  if (!options.large && random.Below(3) == 0) {
    options.backends = 1 + random.Below(2);
    options.max_backends = 2;
  }
  options.retire_hold = seconds(random.Below(2) == 0 ? 0 : random.Below(9));
  options.foreign_percent = random.Below(6);
  options.faults = options.large ? seconds(30) : seconds(40 + random.Below(160));
  options.loss_percent = random.Below(3) == 0 ? 0 : random.Below(30);
  options.twice_percent = random.Below(20);
  options.delay_max = milliseconds(2 + random.Below(1000));
  options.held_up_percent = random.Below(10);
  options.restart_permille = options.large ? 1 : random.Below(40);
  options.partition_permille = options.large ? 1 : random.Below(40);
  options.operator_percent = 5 + random.Below(50);
  options.restores = static_cast<Restores>(random.Below(4));
  return options;
}

std::string ToString(const Options& options) {
  constexpr const char* kRestores[] = {"none", "control", "balancers", "agents"};
  return fmt::format(
      "balancers {}, backends {}, faults {} s, loss {} %, twice {} %, delay {} ms, held up {} %, "
      "restarts {} permille, partitions {} permille, operator {} %, restores {}",
      options.balancers, options.backends, options.faults.count(), options.loss_percent,
      options.twice_percent, options.delay_max.count(), options.held_up_percent,
      options.restart_permille, options.partition_permille, options.operator_percent,
      kRestores[static_cast<size_t>(options.restores)]);
}

}  // namespace joinery::simulator
