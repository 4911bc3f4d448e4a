// The simulated world of one history: how large it is and what goes wrong in it. Drawn from the
// seed, so a seed is all that a repetition needs. Times are of the simulated world.
//
// No two histories go wrong in the same way: each draws how much there is of every fault and every
// command, and leaves some out. What only shows when one thing happens often, and nothing else
// comes between, would be too rare in an even mixture of all.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/random.h"

namespace joinery::simulator {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What old state files are put back: only of one kind in a history, since no system survives the
// loss of every copy of its newest state. For the same reason no balancer's disk garbles what it
// has while control may come from a backup: only the operator could end that wait.
enum class Restores : uint8_t { kNone, kControl, kBalancers, kAgents };

// What the operator does. kTakeOver: control is told that its absent may be absent.
enum class Command : uint8_t {
  kRotate,
  kEmergency,
  kRollback,
  kAbort,
  kDrain,
  kUndrain,
  kHealth,
  kRestore,
  kFail,
  kRemove,
  kRetire,
  kConfigure,
  kTakeOver,
};
inline constexpr size_t kCommands = 13;

struct Options {
  uint32_t balancers = 3;           // 1..5; 20 in a large history
  uint32_t backends = 4;            // 1..7 that come and go; more than 1,000 in a large history
  uint16_t max_backends = 8;        // twice as many IDs: few, so that they are used again
  bool scarce_ids = false;          // 1 in 3: two or four, and backends that often go
  seconds handshake_max{0};         // 0..4: from a SYN, which takes a key, to its connection
  seconds retire_hold{8};           // see DrawTimes()
  seconds drain_max{86'400};        // in some, soon
  seconds quarantine{60};           // 5..60
  seconds connection_max{60};       // 2, 20, 60 or 300: how long the longest last
  uint32_t placed_each_second = 3;  // 1..3
  uint32_t foreign_percent = 2;     // of scheme parts that a balancer's disk garbles
  bool large = false;               // 1 in 500
  seconds faults{120};              // how long anything goes wrong; then all heals
  seconds heals{60};                // after that all must be well
  uint32_t loss_percent = 5;        // of messages that vanish
  uint32_t twice_percent = 5;       // of messages that arrive twice
  milliseconds delay_max{300};      // of most messages, so that they overtake each other
  uint32_t held_up_percent = 2;     // of messages that take up to kHeldUpMax
  uint32_t restart_permille = 5;    // a second and node: its process, or its machine
  seconds restart_max{20};          // how long control is down at most; 5 or 20
  uint32_t partition_permille = 8;  // a second and node: cut off, both ways or one
  seconds partition_max{40};        // 10, 40 or 120
  uint32_t operator_percent = 25;   // a second: a command or another configuration
  std::array<uint32_t, kCommands> commands{};  // how often each of them is the one
  bool store_vouches = false;  // control's store knows that it is current: a start waits for nobody
  Restores restores = Restores::kNone;
  uint32_t clock_drift_permille = 9;  // of a balancer's clock, either way: below the margin of 1 %
};

inline constexpr milliseconds kHeldUpMax{15'000};

[[nodiscard]] Options DrawOptions(Random& random);

// One line, for the report of a failure.
[[nodiscard]] std::string ToString(const Options& options);

}  // namespace joinery::simulator
