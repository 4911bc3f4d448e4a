// What a change from control takes in a balancer, beside a thread that forwards all the while: the
// view is read, checked, built, stored, swapped in, as lb/follow and lb/dpdk do it. Prints a line
// of JSON.
//   change --what addresses --pools 64 --vips 1024   every VIP gets another address
//   change --what keys --pools 64                    every pool gets another generation, in one
//   view
// Each round is a calm time and one of the same length that begins with the change; the gaps from
// burst to burst of both are compared.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "api/balancer_view_json.h"
#include "api/digest.h"
#include "lb/dpdk/snapshot_holder.h"
#include "lb/follow/last_good.h"
#include "lb/follow/pools.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/table_digest.h"
#include "tools/bench/cycle_clock.h"
#include "tools/bench/farm_view.h"
#include "tools/bench/gaps.h"
#include "tools/bench/measure.h"
#include "tools/bench/must.h"
#include "tools/bench/pipeline.h"
#include "tools/bench/traffic.h"
#include "tools/bench/workload.h"

namespace joinery::bench {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;
using Holder = dpdk::SnapshotHolder<steer::Snapshot>;

constexpr size_t kPackets = 4'096;
constexpr int kForwardingCpu = 1;  // as the other benchmarks have it
constexpr int kControlCpu = 0;

struct Options {
  Farm farm;
  std::string what = "addresses";
  uint32_t rounds = 20;
  milliseconds window{250};
};

void PinTo(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) Die(fmt::format("CPU {} is not ours", cpu));
}

enum class Phase : uint8_t { kIdle, kCalm, kChange, kStop };

// Forwards bursts from memory by whatever snapshot is in force, until kStop.
class Forwarder {
 public:
  Forwarder(Holder& holder, Workload& workload, const settings::Balancer& balancer, size_t room)
      : holder_(holder),
        workload_(workload),
        pipeline_(holder.Current(), balancer.cache_flows, Engine::kBest),
        calm_(room),
        change_(room),
        thread_([this] { Run(); }) {}
  ~Forwarder() { Stop(); }
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  void Enter(Phase phase) noexcept { phase_.store(phase, std::memory_order_release); }
  // What it has written may be read then.
  void Stop() {
    Enter(Phase::kStop);
    if (thread_.joinable()) thread_.join();
  }
  // Once it has stopped.
  [[nodiscard]] Gaps& calm() noexcept { return calm_; }
  [[nodiscard]] Gaps& change() noexcept { return change_; }

 private:
  void Run() {
    PinTo(kForwardingCpu);
    holder_.Online(0);
    uint64_t last = 0;
    const Task task = workload_.MakeTask([&](std::span<Buffer* const, kBurst> burst) noexcept {
      pipeline_.Use(holder_.Read());
      pipeline_.Handle(burst);
      holder_.Quiescent(0);
      const uint64_t now = ReadTicks();
      Note(now - last);
      last = now;
    });
    while (phase_.load(std::memory_order_acquire) != Phase::kStop) {
      last = ReadTicks();  // putting the packets back is not counted
      task.run();
      task.clean_up();
    }
    holder_.Offline(0);
  }
  void Note(uint64_t ticks) noexcept {
    switch (phase_.load(std::memory_order_relaxed)) {
      case Phase::kCalm:
        calm_.Add(ticks);
        break;
      case Phase::kChange:
        change_.Add(ticks);
        break;
      case Phase::kIdle:
      case Phase::kStop:
        break;
    }
  }

  Holder& holder_;
  Workload& workload_;
  Pipeline pipeline_;
  std::atomic<Phase> phase_{Phase::kIdle};
  Gaps calm_;
  Gaps change_;
  std::thread thread_;  // last: everything else is there when it starts
};

// Milliseconds of each step, and from the bytes of the view to the last forwarding thread on it.
struct Steps {
  double read = 0;
  double build = 0;
  double digest = 0;
  double store = 0;
  double swap = 0;
  double all = 0;
};

class Stopwatch {
 public:
  double Lap() {
    const SteadyClock::time_point now = SteadyClock::now();
    const std::chrono::duration<double, std::milli> taken = now - last_;
    last_ = now;
    return taken.count();
  }

 private:
  SteadyClock::time_point last_ = SteadyClock::now();
};

class Folder {
 public:
  Folder() {
    std::string pattern = "/tmp/joinery-bench.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) Die("no temporary folder");
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string views() const { return path_ + "/views"; }

 private:
  std::string path_;
};

class Balancer {
 public:
  explicit Balancer(const Options& options)
      : load_(LoadOf(options.farm)),
        disk_(Must(follow::LastGood::Open(folder_.views()))),
        holder_(1, Must(steer::Snapshot::Build(ConfigOf(SchemeOf(options.farm, {}, 1)), 1))) {}

  [[nodiscard]] settings::Config ConfigOf(const api::SchemePart& scheme) const {
    return {
        .lb = balancer_, .control = {}, .pools = Must(follow::ToPools(balancer_, scheme, load_))};
  }
  [[nodiscard]] Holder& holder() noexcept { return holder_; }
  [[nodiscard]] const settings::Balancer& settings() const noexcept { return balancer_; }

  Steps Take(const std::string& bytes) {
    Steps steps;
    Stopwatch whole;
    Stopwatch watch;
    const api::SchemePart scheme = Must(api::ParseSchemePart(bytes));
    steps.read = watch.Lap();
    const settings::Config config = ConfigOf(scheme);
    const steer::Snapshot& before = holder_.Current();
    auto next = Must(steer::Snapshot::Build(config, before.version() + 1, &before));
    steps.build = watch.Lap();
    static_cast<void>(steer::TableDigest(config, *next));
    steps.digest = watch.Lap();
    const api::Stamp stamp{.at = scheme.at, .digest = api::DigestOf(bytes)};
    if (const auto done = disk_.Store(follow::Kind::kScheme, stamp, bytes); !done) {
      Die(done.error().message);
    }
    steps.store = watch.Lap();
    const auto old = holder_.Swap(std::move(next));
    steps.swap = watch.Lap();
    steps.all = whole.Lap();
    return steps;
  }

 private:
  settings::Balancer balancer_ = BalancerOf();
  api::LoadPart load_;
  Folder folder_;
  follow::LastGood disk_;
  Holder holder_;
};

Turn TurnOf(const Options& options, uint32_t round) {
  return options.what == "keys" ? Turn{.addresses = 0, .keys = round}
                                : Turn{.addresses = round, .keys = 0};
}

void PrintStep(const char* name, const std::vector<Steps>& rounds, double Steps::*step) {
  std::vector<double> values;
  for (const Steps& steps : rounds) values.push_back(steps.*step);
  const double most = std::ranges::max(values);
  fmt::print(R"("{}_ms":{{"median":{:.2f},"max":{:.2f}}},)", name,
             QuantilesOf(std::move(values)).median, most);
}

void PrintGaps(const char* name, Gaps& gaps) {
  const double ns = TicksPerNanosecond();
  fmt::print(R"("{}":{{"bursts":{},"left_out":{},"p50_ns":{:.0f},"p99_ns":{:.0f},)"
             R"("p99_99_ns":{:.0f},"max_ns":{:.0f}}})",
             name, gaps.size(), gaps.left_out(), gaps.Quantile(0.5) / ns, gaps.Quantile(0.99) / ns,
             gaps.Quantile(0.9999) / ns, gaps.Quantile(1) / ns);
}

void Run(const Options& options) {
  PinTo(kControlCpu);
  Balancer balancer(options);
  const settings::Config config = balancer.ConfigOf(SchemeOf(options.farm, {}, 1));
  Traffic traffic = Must(Traffic::Create(config, Kind::kMix, IpFamily::kIpv4, 1));
  Workload workload = Must(Workload::Create(traffic, kPackets, 1));
  // No burst takes less than half a microsecond.
  const auto room = static_cast<size_t>(options.window.count()) * options.rounds * 2'000;
  Forwarder forwarder(balancer.holder(), workload, balancer.settings(), room);
  std::vector<Steps> rounds;
  std::string bytes;
  for (uint32_t round = 1; round <= options.rounds; ++round) {
    bytes = api::ToJson(SchemeOf(options.farm, TurnOf(options, round), round + 1));
    forwarder.Enter(Phase::kCalm);
    std::this_thread::sleep_for(options.window);
    forwarder.Enter(Phase::kChange);
    const auto end = SteadyClock::now() + options.window;
    rounds.push_back(balancer.Take(bytes));
    std::this_thread::sleep_until(end);
    forwarder.Enter(Phase::kIdle);
  }
  forwarder.Stop();
  fmt::print(R"({{"what":"{}","pools":{},"backends":{},"vips":{},"rounds":{},"bytes":{},)",
             options.what, options.farm.pools, options.farm.pools * options.farm.backends,
             options.farm.vips, options.rounds, bytes.size());
  PrintStep("read", rounds, &Steps::read);
  PrintStep("build", rounds, &Steps::build);
  PrintStep("digest", rounds, &Steps::digest);
  PrintStep("store", rounds, &Steps::store);
  PrintStep("swap", rounds, &Steps::swap);
  PrintStep("all", rounds, &Steps::all);
  PrintGaps("calm", forwarder.calm());
  fmt::print(",");
  PrintGaps("change", forwarder.change());
  fmt::print("}}\n");
}

int Main(int argc, char** argv) {
  CLI::App app("Measures what a change from control takes in a balancer that forwards.", "change");
  Options options;
  uint32_t window_ms = 250;
  app.add_option("--what", options.what, "addresses or keys")
      ->check(CLI::IsMember({"addresses", "keys"}));
  app.add_option("--pools", options.farm.pools)->check(CLI::Range(1, 256));
  app.add_option("--backends", options.farm.backends, "of each pool")->check(CLI::Range(1, 64));
  app.add_option("--vips", options.farm.vips, "of all pools")->check(CLI::Range(1, 16'384));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100));
  app.add_option("--window-ms", window_ms, "of each half of a round")->check(CLI::Range(10, 1'000));
  CLI11_PARSE(app, argc, argv);
  options.window = milliseconds(window_ms);
  Run(options);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace joinery::bench

int main(int argc, char** argv) { return joinery::bench::Main(argc, argv); }
