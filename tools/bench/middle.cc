// One case of the benchmark of the pure middle (parse, decide, rewrite), in one of three forms:
//   middle --config F --kind data --packets 32              time it; a line of JSON comes out
//   middle --config F --kind data --packets 4096 --count 8  only run it 8 times, for callgrind
//   middle --config F --kind data --packets 4096 --pcap P   only write its packets
// tools/bench/bench.py runs the cases that make a report.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lb/steer/snapshot.h"
#include "settings/load.h"
#include "tools/bench/measure.h"
#include "tools/bench/pipeline.h"
#include "tools/bench/replay_file.h"
#include "tools/bench/swap.h"
#include "tools/bench/traffic.h"
#include "tools/bench/workload.h"

namespace joinery::bench {
namespace {

struct Options {
  std::string config;
  std::string kind = "data";
  int family = 4;
  size_t packets = kBurst;
  uint64_t seed = 1;
  Limits limits;
  std::string engine = "best";
  size_t count = 0;
  std::string pcap;
};

[[nodiscard]] Expected<Options> ReadOptions(int argc, char** argv, int& exit_code) {
  Options options;
  CLI::App app("Times one case of the balancer's pure middle.");
  app.add_option("--config", options.config, "the balancer's configuration file")->required();
  app.add_option("--kind", options.kind, "data, syn, join, mix or cookie")->capture_default_str();
  app.add_option("--family", options.family, "4 or 6")->check(CLI::IsMember({4, 6}));
  app.add_option("--packets", options.packets, "distinct packets, a multiple of 32");
  app.add_option("--seed", options.seed, "of the packets");
  app.add_option("--windows", options.limits.quiet_pairs, "quiet windows to time");
  app.add_option("--seconds", options.limits.seconds, "the most time to spend on them");
  app.add_option("--reference-probe", options.limits.reference_probe,
                 "the quickest probe of earlier cases, in ticks");
  app.add_option("--engine", options.engine, "scalar, or the best one for this CPU")
      ->check(CLI::IsMember({"scalar", "best"}));
  app.add_option("--count", options.count,
                 "only handle this many windows, and say how many packets");
  app.add_option("--pcap", options.pcap, "only write the packets to this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error);
    return Fail("");
  }
  return options;
}

void PrintQuantiles(const char* name, const Quantiles& q) {
  fmt::print("\"{}\":{{\"low\":{:.3f},\"median\":{:.3f},\"high\":{:.3f}}},", name, q.low, q.median,
             q.high);
}

void PrintRules(const steer::Counters& counters) {
  fmt::print("\"rules\":{{");
  for (size_t i = 0; i < steer::kRuleCount; ++i) {
    fmt::print("{}\"{}\":{}", i == 0 ? "" : ",", steer::Name(static_cast<steer::Rule>(i)),
               counters.rules[i].Read());
  }
  fmt::print("}}");
}

// Every packet of every kind is forwarded; a case in which one is not measures something else.
[[nodiscard]] Expected<void> CheckForwarded(const steer::Counters& counters) {
  const uint64_t forwarded = counters.actions[static_cast<size_t>(steer::Action::kForward)].Read();
  uint64_t all = 0;
  for (const steer::Counter& action : counters.actions) all += action.Read();
  if (all != 0 && forwarded == all) return {};
  return Fail(fmt::format("only {} of {} packets were forwarded", forwarded, all));
}

[[nodiscard]] Expected<void> Time(const Options& options, Workload& workload, Pipeline& pipeline) {
  const Task subject = workload.MakeTask(
      [&pipeline](std::span<Buffer* const, kBurst> burst) noexcept { pipeline.Handle(burst); });
  const Task baseline = workload.MakeTask([](std::span<Buffer* const, kBurst> burst) noexcept {
    Prefetch(burst);
    for (Buffer* buffer : burst) SwapFiveTuple(buffer->frame());
  });
  const Paired result = MeasurePaired(subject, baseline, options.limits);
  auto forwarded = CheckForwarded(pipeline.counters());
  if (!forwarded) return forwarded;
  fmt::print("{{\"engine\":\"{}\",\"kind\":\"{}\",\"family\":{},\"packets\":{},",
             Name(pipeline.engine()), options.kind, options.family, workload.frames().size());
  PrintQuantiles("ns", result.subject);
  PrintQuantiles("swap_ns", result.baseline);
  PrintQuantiles("ratio", result.ratio);
  fmt::print("\"pairs\":{},\"quiet_pairs\":{},\"quickest_probe\":{},\"huge_pages\":{},",
             result.pairs, result.quiet_pairs, result.quickest_probe, workload.huge_pages());
  PrintRules(pipeline.counters());
  fmt::print("}}\n");
  return {};
}

// What callgrind counts: --toggle-collect names this function.
[[gnu::noinline]] size_t CountedWindow(const Task& task) { return task.run(); }

[[nodiscard]] Expected<void> Count(const Options& options, Workload& workload, Pipeline& pipeline) {
  const Task task = workload.MakeTask(
      [&pipeline](std::span<Buffer* const, kBurst> burst) noexcept { pipeline.Handle(burst); });
  size_t packets = 0;
  for (size_t i = 0; i < options.count; ++i) {
    packets += CountedWindow(task);
    task.clean_up();
  }
  fmt::print("{{\"kind\":\"{}\",\"family\":{},\"handled\":{}}}\n", options.kind, options.family,
             packets);
  return CheckForwarded(pipeline.counters());
}

[[nodiscard]] Expected<void> Run(const Options& options) {
  const auto config = settings::LoadFile(options.config);
  if (!config) return Fail(ToString(config.error().front()));
  const std::optional<Kind> kind = KindOf(options.kind);
  if (!kind)
    return Fail("--kind " + options.kind + ": allowed are data, syn, join, mix and cookie");
  const IpFamily family = options.family == 4 ? IpFamily::kIpv4 : IpFamily::kIpv6;
  auto traffic = Traffic::Create(*config, *kind, family, options.seed);
  if (!traffic) return unexpected(traffic.error());
  if (!options.pcap.empty())
    return WriteReplayFile(options.pcap, *config, *traffic, options.packets);

  const auto snapshot = steer::Snapshot::Build(*config, 1);
  if (!snapshot) return unexpected(snapshot.error());
  auto workload = Workload::Create(*traffic, options.packets, options.seed);
  if (!workload) return unexpected(workload.error());
  const Engine engine = options.engine == "scalar" ? Engine::kScalar : Engine::kBest;
  Pipeline pipeline(**snapshot, config->lb.cache_flows, engine);
  if (options.count > 0) return Count(options, *workload, pipeline);
  return Time(options, *workload, pipeline);
}

}  // namespace
}  // namespace joinery::bench

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto options = joinery::bench::ReadOptions(argc, argv, exit_code);
  if (!options) return exit_code;
  const auto done = joinery::bench::Run(*options);
  if (done) return EXIT_SUCCESS;
  fmt::print(stderr, "middle: {}\n", done.error().message);
  return EXIT_FAILURE;
}
