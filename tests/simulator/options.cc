#include "tests/simulator/options.h"

#include <algorithm>

#include <fmt/format.h>

namespace joinery::simulator {
namespace {

bool OneIn(Random& random, uint32_t n) { return random.Below(n) == 0; }

seconds OneOf(Random& random, std::initializer_list<int> choices) {
  return seconds(*(choices.begin() + random.Below(static_cast<uint32_t>(choices.size()))));
}

void DrawSize(Random& random, Options& options) {
  options.large = OneIn(random, 500);
  options.balancers = options.large ? 20 : 1 + random.Below(5);
  options.backends = options.large ? 1000 + random.Below(20) : 1 + random.Below(7);
  options.max_backends = options.large ? 1024 : static_cast<uint16_t>(options.backends + 1);
  options.scarce_ids = !options.large && OneIn(random, 3);
  if (!options.scarce_ids) return;
  options.backends = 1 + random.Below(2);
  options.max_backends = static_cast<uint16_t>(options.backends);
}

// At 0 nothing hides behind retire_hold. Else it does its work: it covers the handshakes that are
// under way when an agent reports zero, and the time that a report may take.
void DrawTimes(Random& random, Options& options) {
  options.handshake_max = OneIn(random, 2) ? seconds(0) : seconds(1 + random.Below(4));
  options.retire_hold = seconds(0);
  if (options.handshake_max > seconds(0)) {
    options.retire_hold =
        options.handshake_max + std::chrono::ceil<seconds>(kHeldUpMax) + seconds(1);
  }
  options.drain_max = OneIn(random, 6) ? seconds(20 + random.Below(40)) : seconds(86'400);
  options.quarantine = seconds(5 + random.Below(56));
  options.connection_max = OneOf(random, {2, 20, 60, 300});
  options.placed_each_second = 1 + random.Below(3);
  options.faults = options.large ? seconds(30) : seconds(40 + random.Below(160));
  options.heals = seconds(60) + options.retire_hold;
  if (options.drain_max < seconds(100)) options.heals += options.drain_max;
}

void DrawNetwork(Random& random, Options& options) {
  options.loss_percent = OneIn(random, 3) ? 0 : random.Below(30);
  options.twice_percent = random.Below(20);
  options.delay_max = milliseconds(2 + random.Below(1000));
  options.held_up_percent = OneIn(random, 4) ? random.Below(40) : random.Below(10);
  options.partition_permille = OneIn(random, 4) ? random.Below(150) : random.Below(40);
  if (options.large) options.partition_permille = 1;
  options.partition_max = OneOf(random, {10, 40, 120});
}

void DrawFaults(Random& random, Options& options) {
  options.foreign_percent = random.Below(6);
  options.restart_permille = options.large ? 1 : random.Below(40);
  options.restart_max = OneOf(random, {5, 20});
  options.restores = static_cast<Restores>(random.Below(4));
  options.store_vouches = options.restores != Restores::kControl && OneIn(random, 4);
  if (options.restores == Restores::kControl) options.foreign_percent = 0;
}

void DrawOperator(Random& random, Options& options) {
  options.operator_percent = 5 + random.Below(50);
  for (uint32_t& weight : options.commands) weight = OneIn(random, 4) ? 0 : random.Below(8);
  const auto weight = [&](Command command) -> uint32_t& {
    return options.commands[static_cast<size_t>(command)];
  };
  weight(Command::kConfigure) = std::max(weight(Command::kConfigure), options.scarce_ids ? 8U : 1U);
  if (options.scarce_ids) weight(Command::kRemove) = std::max(weight(Command::kRemove), 4U);
  // After a backup, who is absent may be the only one who knows.
  if (options.restores == Restores::kControl) weight(Command::kTakeOver) = 0;
}

}  // namespace

Options DrawOptions(Random& random) {
  Options options;
  DrawSize(random, options);
  DrawTimes(random, options);
  DrawNetwork(random, options);
  DrawFaults(random, options);
  DrawOperator(random, options);
  return options;
}

std::string ToString(const Options& options) {
  constexpr const char* kRestores[] = {"none", "control", "balancers", "agents"};
  return fmt::format(
      "balancers {}, backends {} of {}, faults {} s, loss {} %, twice {} %, delay {} ms, held up "
      "{} "
      "%, restarts {} permille, partitions {} permille, operator {} %, restores {}, handshakes {} "
      "s, hold {} s, drain_max {} s, quarantine {} s, connections {} s{}",
      options.balancers, options.backends, options.max_backends, options.faults.count(),
      options.loss_percent, options.twice_percent, options.delay_max.count(),
      options.held_up_percent, options.restart_permille, options.partition_permille,
      options.operator_percent, kRestores[static_cast<size_t>(options.restores)],
      options.handshake_max.count(), options.retire_hold.count(), options.drain_max.count(),
      options.quarantine.count(), options.connection_max.count(),
      options.store_vouches ? ", the store vouches" : "");
}

}  // namespace joinery::simulator
