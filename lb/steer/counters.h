// What one lcore counts, in one struct that nobody else writes. A reader may look at any time: each
// counter is an atomic that its owner loads, adds to and stores (no lock prefix), so a reader sees
// some recent value and never half of one. Sums are exact once the lcores stand still.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lb/steer/rules.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"
#include "wire/parse_error.h"

namespace joinery::steer {

// One writer, any number of readers.
class Counter {
 public:
  void Add(uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void Reset() noexcept { value_.store(0, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t Read() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// About 280 kB; memory of its own, whole cache lines.
struct alignas(64) Counters {
  struct Backend {
    Counter packets;  // forwarded to it
    Counter bytes;    // of IP packet, as received
  };

  std::array<Counter, kActionCount> actions;                     // by Action
  std::array<Counter, kRuleCount> rules;                         // forwarded, by Rule
  std::array<Counter, kDropReasonCount> drops;                   // by DropReason
  std::array<Counter, wire::kParseReasonCount> parse_errors;     // of DropReason::kMalformed
  std::array<Counter, kNoteCount> notes;                         // by Note
  std::array<std::array<Counter, kRuleCount>, kMaxPools> pools;  // forwarded, by pool and Rule
  std::array<Backend, kMaxBackends> backends;                    // by index in backends()
};
static_assert(alignof(Counters) == 64 && sizeof(Counters) % 64 == 0,
              "two lcores never write to one cache line");

// The sum over lcores: plain numbers, same order.
struct CounterTotals {
  struct Backend {
    uint64_t packets = 0;
    uint64_t bytes = 0;
  };

  std::array<uint64_t, kActionCount> actions{};
  std::array<uint64_t, kRuleCount> rules{};
  std::array<uint64_t, kDropReasonCount> drops{};
  std::array<uint64_t, wire::kParseReasonCount> parse_errors{};
  std::array<uint64_t, kNoteCount> notes{};
  std::vector<std::array<uint64_t, kRuleCount>> pools;  // as long as snapshot.pools()
  std::vector<Backend> backends;                        // as long as snapshot.backends()
};

// `snapshot` is the current one: it says how many pools and backends there are.
[[nodiscard]] CounterTotals SumCounters(std::span<const Counters* const> lcores,
                                        const Snapshot& snapshot);

// {"version":3,"actions":{...},"rules":{...},"drops":{...},"parse_errors":{...},"notes":{...},
//  "pools":{"web":{"rules":{...},"backends":{"b1":{"id":5,"state":"up","packets":1,"bytes":60}}}}}
// on one line. Every rule, reason and note is there, zero or not; names are those of rules.h and
// wire/parse_error.h.
[[nodiscard]] std::string CountersToJson(const CounterTotals& totals, const Snapshot& snapshot);

}  // namespace joinery::steer
