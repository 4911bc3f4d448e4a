// How long a pool's table takes to build, at the default size, by backends and their weights.
//   bazel run -c opt //lb/steer:maglev_benchmark
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/random.h"
#include "lb/steer/maglev.h"

namespace joinery::steer {
namespace {

constexpr uint32_t kSize = 65537;
constexpr crypto::Key128::Bytes kSecret = {1, 2, 3};

// range(0): backends; range(1): their weights are drawn from 1 to this.
void Build(benchmark::State& state) {
  const auto count = static_cast<uint16_t>(state.range(0));
  SeededRandom random(1);
  std::vector<std::string> names;
  for (uint16_t i = 0; i < count; ++i) names.push_back(fmt::format("b{}", i));
  std::vector<MaglevBackend> backends;
  for (uint16_t i = 0; i < count; ++i) {
    const uint32_t weight = 1 + random.Below(static_cast<uint32_t>(state.range(1)));
    backends.push_back({.name = names[i], .weight = weight, .value = i});
  }
  const crypto::Key128 secret = kSecret;
  for (auto _ : state) benchmark::DoNotOptimize(BuildMaglevTable(backends, secret, kSize));
}

BENCHMARK(Build)
    ->ArgNames({"backends", "weights"})
    ->ArgsProduct({{1, 10, 100, 500, 1000}, {1, 100}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace joinery::steer

BENCHMARK_MAIN();
