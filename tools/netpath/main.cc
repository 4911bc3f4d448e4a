// joinery-netpath: a path between two network namespaces with delay, rate, loss and reordering, for
// kernels that have no netem. Runs until SIGINT or SIGTERM, then prints what passed as JSON.
#include <array>
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "tools/netpath/link.h"
#include "tools/netpath/tun.h"

namespace joinery::netpath {
namespace {

constexpr double kPerMs = 1e6;    // nanoseconds
constexpr double kPerMbit = 1e6;  // bits a second
constexpr double kPercent = kCertain / 100.0;
constexpr size_t kReadsAtOnce = 64;  // before what is due is delivered

// As given on the command line: one value for both directions, or two.
struct Options {
  std::string a;
  std::string b;
  std::vector<double> delay_ms{0};
  std::vector<double> rate_mbit{0};
  std::vector<double> loss_percent{0};
  std::vector<double> reorder_percent{0};
  std::vector<double> reorder_by_ms{1};
  std::vector<size_t> queue{1000};
  uint64_t seed = 1;
};

struct End {
  Tun tun;
  Link link;             // from this end to the other
  uint64_t refused = 0;  // packets that this end's host did not take
};

volatile std::sig_atomic_t stopped = 0;

template <typename T>
CLI::Option* Both(CLI::App& app, const std::string& name, std::vector<T>& values, T max,
                  const std::string& meaning) {
  return app.add_option(name, values, meaning + "; two values: from A to B, from B to A")
      ->expected(1, 2)
      ->delimiter(',')
      ->check(CLI::Range(T{}, max))
      ->capture_default_str();
}

void Describe(CLI::App& app, Options& options) {
  app.add_option("a", options.a, "One end: NAMESPACE/DEVICE")->required();
  app.add_option("b", options.b, "The other end")->required();
  Both(app, "--delay-ms", options.delay_ms, 10'000.0, "Delay of each packet");
  Both(app, "--rate-mbit", options.rate_mbit, 100'000.0, "Rate; 0: no limit");
  Both(app, "--loss-percent", options.loss_percent, 100.0, "Packets lost");
  Both(app, "--reorder-percent", options.reorder_percent, 100.0, "Packets overtaken");
  Both(app, "--reorder-by-ms", options.reorder_by_ms, 10'000.0, "How much later those come");
  Both(app, "--queue", options.queue, size_t{1'000'000}, "Packets that wait for the rate at most");
  app.add_option("--seed", options.seed, "Of loss and reordering")->capture_default_str();
}

Conditions ConditionsOf(const Options& options, size_t direction) {
  const auto of = [&](const auto& values) {
    return values[values.size() > direction ? direction : 0];
  };
  return {.delay = Nanoseconds(static_cast<int64_t>(of(options.delay_ms) * kPerMs)),
          .rate = static_cast<uint64_t>(of(options.rate_mbit) * kPerMbit),
          .loss = static_cast<uint32_t>(of(options.loss_percent) * kPercent),
          .reorder = static_cast<uint32_t>(of(options.reorder_percent) * kPercent),
          .reorder_by = Nanoseconds(static_cast<int64_t>(of(options.reorder_by_ms) * kPerMs)),
          .queue = of(options.queue)};
}

void Collect(End& end, const Clock& clock) {
  for (size_t i = 0; i < kReadsAtOnce; ++i) {
    Packet packet = end.tun.Read();
    if (packet.empty()) return;
    end.link.Send(std::move(packet), clock.Now());
  }
}

void Deliver(End& from, End& to, const Clock& clock) {
  while (const auto packet = from.link.Deliver(clock.Now())) {
    to.refused += to.tun.Write(*packet) ? 0 : 1;
  }
}

// Until the next packet is due on either link, or one is sent.
void Wait(const End& a, const End& b, const Clock& clock, const sigset_t& signals) {
  std::array<pollfd, 2> files{pollfd{.fd = a.tun.descriptor(), .events = POLLIN, .revents = 0},
                              pollfd{.fd = b.tun.descriptor(), .events = POLLIN, .revents = 0}};
  std::optional<Instant> due = a.link.next();
  if (const auto other = b.link.next()) due = due ? std::min(*due, *other) : *other;
  timespec rest{};
  if (due) {
    const auto left = std::max(Nanoseconds{}, *due - clock.Now()).count();
    rest = {.tv_sec = left / std::nano::den, .tv_nsec = left % std::nano::den};
  }
  ::ppoll(files.data(), files.size(), due ? &rest : nullptr, &signals);
}

std::string Report(const End& from, const End& to) {
  const Counters& counters = from.link.counters();
  return fmt::format(
      R"({{"packets":{},"bytes":{},"lost":{},"overflowed":{},"reordered":{},"delivered":{},)"
      R"("refused":{}}})",
      counters.packets, counters.bytes, counters.lost, counters.overflowed, counters.reordered,
      counters.delivered, to.refused);
}

// SIGINT and SIGTERM come only while Wait sleeps; returns the mask for that time.
sigset_t CatchSignals() {
  sigset_t stop, before;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, &before);
  struct sigaction action {};
  action.sa_handler = [](int) { stopped = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return before;
}

int Run(const Options& options) {
  auto tun_a = Tun::Open(options.a);
  auto tun_b = Tun::Open(options.b);
  for (const auto* tun : {&tun_a, &tun_b}) {
    if (*tun) continue;
    fmt::print(stderr, "joinery-netpath: {}\n", tun->error().message);
    return 1;
  }
  End a{.tun = *std::move(tun_a), .link = Link(ConditionsOf(options, 0), options.seed)};
  End b{.tun = *std::move(tun_b), .link = Link(ConditionsOf(options, 1), options.seed + 1)};
  const BootClock clock;
  const sigset_t signals = CatchSignals();
  fmt::print("ready\n");
  std::fflush(stdout);
  while (stopped == 0) {
    Collect(a, clock);
    Collect(b, clock);
    Deliver(a, b, clock);
    Deliver(b, a, clock);
    Wait(a, b, clock, signals);
  }
  fmt::print("{{\"a_to_b\":{},\"b_to_a\":{}}}\n", Report(a, b), Report(b, a));
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("Joins two TUN devices by a path with delay, rate, loss and reordering.",
               "joinery-netpath");
  Options options;
  Describe(app, options);
  CLI11_PARSE(app, argc, argv);
  return Run(options);
}

}  // namespace
}  // namespace joinery::netpath

int main(int argc, char** argv) { return joinery::netpath::Main(argc, argv); }
