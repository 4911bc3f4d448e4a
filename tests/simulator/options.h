// The simulated world of one history: how large it is and what goes wrong in it. Drawn from the
// seed, so a seed is all that a repetition needs. Times are of the simulated world.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/random.h"

namespace joinery::simulator {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What old state files are put back: only of one kind in a history, since no system survives the
// loss of every copy of its newest state.
enum class Restores : uint8_t { kNone, kControl, kBalancers, kAgents };

struct Options {
  uint32_t balancers = 3;           // 1..5; 20 in a large history
  uint32_t backends = 4;            // 1..7 that come and go; more than 1,000 in a large history
  uint16_t max_backends = 8;        // twice as many IDs: few, so that they are used again
  seconds retire_hold{8};           // 0..8: at 0 nothing hides behind it
  uint32_t foreign_percent = 2;     // of scheme parts that a balancer's disk garbles
  bool large = false;               // 1 in 500
  seconds faults{120};              // how long anything goes wrong; then all heals
  uint32_t loss_percent = 5;        // of messages that vanish
  uint32_t twice_percent = 5;       // of messages that arrive twice
  milliseconds delay_max{300};      // of most messages, so that they overtake each other
  uint32_t held_up_percent = 2;     // of messages that take up to 15 s
  uint32_t restart_permille = 5;    // a second and node: its process, or its machine
  uint32_t partition_permille = 8;  // a second and node: cut off for up to 40 s
  uint32_t operator_percent = 25;   // a second: a command or another configuration
  Restores restores = Restores::kNone;
  uint32_t clock_drift_permille = 9;  // of a balancer's clock, either way: below the margin of 1 %
};

[[nodiscard]] Options DrawOptions(Random& random);

// One line, for the report of a failure.
[[nodiscard]] std::string ToString(const Options& options);

}  // namespace joinery::simulator
