// Plays seeded histories of the control plane and says which one broke what; `--mutants` breaks
// each rule in turn and fails if no history notices. Ends with the line that ./run test reads.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "control/model/rules.h"
#include "tests/simulator/world.h"

namespace {

using joinery::simulator::World;

struct Count {
  uint64_t passed = 0;
  uint64_t failed = 0;
};

struct Seeds {
  uint64_t first = 1;
  uint64_t histories = 1000;
  unsigned jobs = 1;  // threads; histories share nothing
};

// Gives each seed to some thread, lowest first, until `play` says that it is enough.
void ForEach(const Seeds& seeds, const std::function<bool(uint64_t)>& play) {
  std::atomic<uint64_t> next = seeds.first;
  std::atomic<bool> enough = false;
  const auto work = [&] {
    while (!enough) {
      const uint64_t seed = next++;
      if (seed >= seeds.first + seeds.histories) return;
      if (!play(seed)) enough = true;
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < seeds.jobs; ++i) threads.emplace_back(work);
  work();
}

// How a history went, if there is anything to say.
void Print(const World& world, uint64_t seed, const std::optional<std::string>& failure) {
  for (const std::string& line : world.log()) std::cout << line << "\n";
  if (!failure) return;
  std::cout << fmt::format(
                   "seed {}: {}\n  {}\n  again: bazel run //tests/simulator:simulate -- "
                   "--first {} --histories 1 --trace\n",
                   seed, *failure, ToString(world.options()), seed)
            << std::flush;
}

Count PlayAll(const Seeds& seeds, bool trace) {
  std::mutex mutex;
  Count count;
  ForEach(seeds, [&](uint64_t seed) {
    World world(seed);
    if (trace) world.KeepLog();
    const std::optional<std::string> failure = world.Run();
    const std::lock_guard lock(mutex);
    ++(failure ? count.failed : count.passed);
    Print(world, seed, failure);
    return true;
  });
  return count;
}

struct Found {
  uint64_t seed = std::numeric_limits<uint64_t>::max();
  std::string failure;
};

// The first history that notices the broken rule; none: the rule is not tested.
std::optional<Found> Find(const Seeds& seeds) {
  std::mutex mutex;
  Found first;
  ForEach(seeds, [&](uint64_t seed) {
    const std::optional<std::string> failure = World(seed).Run();
    if (!failure) return true;
    const std::lock_guard lock(mutex);
    if (seed < first.seed) first = {seed, *failure};
    return false;  // those before it are being played
  });
  if (first.failure.empty()) return std::nullopt;
  return first;
}

Count PlayMutants(const Seeds& seeds, const std::string& only) {
  Count count;
  for (const auto& rule : joinery::control::kRules) {
    if (!only.empty() && only != rule.name) continue;
    joinery::control::broken_rule = &rule;
    const std::optional<Found> found = Find(seeds);
    ++(found ? count.passed : count.failed);
    const std::string text =
        found ? fmt::format("history {}: {}", found->seed - seeds.first + 1, found->failure)
              : "NOT FOUND";
    std::cout << fmt::format("without {}: {}\n", rule.name, text) << std::flush;
  }
  joinery::control::broken_rule = nullptr;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  Seeds seeds{.jobs = std::max(1U, std::thread::hardware_concurrency())};
  Seeds of_mutants{.histories = 10'000};  // most show in the first hundred
  bool trace = false;
  bool mutants = false;
  std::string only;
  CLI::App app("Plays seeded histories of the control plane.");
  app.add_option("--first", seeds.first, "the first seed");
  app.add_option("--histories", seeds.histories, "how many");
  app.add_option("--jobs", seeds.jobs, "on how many threads; as many as there are processors");
  app.add_flag("--trace", trace, "print all that happens");
  app.add_flag("--mutants", mutants,
               "also break each rule in turn, and look for the history that notices");
  app.add_option("--each", of_mutants.histories, "how many histories look for a mutant");
  app.add_option("--only", only, "only this rule of them");
  CLI11_PARSE(app, argc, argv);

  Count count = only.empty() ? PlayAll(seeds, trace) : Count{};
  if (mutants) {
    of_mutants.first = seeds.first;
    of_mutants.jobs = seeds.jobs;
    const Count found = PlayMutants(of_mutants, only);
    count.passed += found.passed;
    count.failed += found.failed;
  }
  std::cout << fmt::format("{} passed, {} failed\n", count.passed, count.failed);
  return count.failed == 0 ? 0 : 1;
}
