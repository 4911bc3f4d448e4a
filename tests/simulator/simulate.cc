// Plays seeded histories of the control plane and says which one broke what; `--mutants` breaks
// each rule in turn and fails if no history notices. Ends with the line that ./run test reads.

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "control/model/rules.h"
#include "tests/simulator/world.h"

namespace {

using joinery::simulator::World;

using joinery::control::Rule;

// What 1,000 histories do not notice, since other rules or rare chances stand in front of it.
constexpr Rule kUnnoticed[] = {Rule::kEarlierLeasesCount, Rule::kIdWaitsForGenerations,
                               Rule::kReturnsSilent, Rule::kRetireHolds, Rule::kZeroIsOfDraining};

struct Count {
  uint64_t passed = 0;
  uint64_t failed = 0;
};

bool Play(uint64_t seed, bool trace) {
  World world(seed);
  if (trace) world.KeepLog();
  const std::optional<std::string> failure = world.Run();
  for (const std::string& line : world.log()) std::cout << line << "\n";
  if (!failure) return true;
  std::cout << fmt::format(
      "seed {}: {}\n  {}\n  again: bazel run //tests/simulator:simulate -- "
      "--first {} --histories 1 --trace\n",
      seed, *failure, ToString(world.options()), seed);
  return false;
}

Count PlayAll(uint64_t first, uint64_t histories, bool trace) {
  Count count;
  for (uint64_t seed = first; seed < first + histories; ++seed) {
    ++(Play(seed, trace) ? count.passed : count.failed);
  }
  return count;
}

// The first history that notices the broken rule; none: the rule is not tested.
std::optional<uint64_t> Find(uint64_t first, uint64_t histories, std::string& failure) {
  for (uint64_t seed = first; seed < first + histories; ++seed) {
    World world(seed);
    if (const auto found = world.Run()) {
      failure = *found;
      return seed;
    }
  }
  return std::nullopt;
}

Count PlayMutants(uint64_t first, uint64_t histories, const std::string& only) {
  Count count;
  for (const auto& rule : joinery::control::kRules) {
    if (!only.empty() && only != rule.name) continue;
    if (only.empty() && std::ranges::find(kUnnoticed, rule.rule) != std::end(kUnnoticed)) continue;
    joinery::control::broken_rule = &rule;
    std::string failure;
    const std::optional<uint64_t> seed = Find(first, histories, failure);
    ++(seed ? count.passed : count.failed);
    const std::string found =
        seed ? fmt::format("history {}: {}", *seed - first + 1, failure) : "NOT FOUND";
    std::cout << fmt::format("without {}: {}\n", rule.name, found) << std::flush;
  }
  joinery::control::broken_rule = nullptr;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t first = 1;
  uint64_t histories = 1000;
  bool trace = false;
  bool mutants = false;
  std::string only;
  CLI::App app("Plays seeded histories of the control plane.");
  app.add_option("--first", first, "the first seed");
  app.add_option("--histories", histories, "how many");
  app.add_flag("--trace", trace, "print all that happens");
  app.add_flag("--mutants", mutants,
               "also break each rule in turn, and look for the history that notices");
  app.add_option("--only", only, "only this rule of them");
  CLI11_PARSE(app, argc, argv);

  Count count = only.empty() ? PlayAll(first, histories, trace) : Count{};
  if (mutants) {
    const Count found = PlayMutants(first, 1000, only);
    count.passed += found.passed;
    count.failed += found.failed;
  }
  std::cout << fmt::format("{} passed, {} failed\n", count.passed, count.failed);
  return count.failed == 0 ? 0 : 1;
}
