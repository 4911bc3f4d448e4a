// joinery-probe: one health check by hand, on the very path that joinery-control's checks take.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/random.h"
#include "control/health/prober.h"
#include "control/health/wire_transport.h"

namespace joinery {
namespace {

constexpr auto kLook = std::chrono::milliseconds(20);

struct Options {
  std::string device = "joinery-check";
  std::vector<std::string> sources;
  std::string backend;
  settings::Encap encap = settings::Encap::kL2;
  std::string vip;
  uint16_t port = 80;
  health::Check check;
  uint32_t timeout_ms = 1000;
};

const std::map<std::string, settings::Encap> kEncaps = {
    {"l2", settings::Encap::kL2}, {"ipip", settings::Encap::kIpip}, {"gue", settings::Encap::kGue}};
const std::map<std::string, health::CheckKind> kKinds = {{"tcp", health::CheckKind::kTcp},
                                                         {"http", health::CheckKind::kHttp},
                                                         {"https", health::CheckKind::kHttps},
                                                         {"mptcp", health::CheckKind::kMptcp}};

void Describe(CLI::App& app, Options& options) {
  app.add_option("--device", options.device, "TUN device that the sources are routed into")
      ->capture_default_str();
  app.add_option("--source", options.sources, "Prefix of source addresses; one of each family")
      ->required();
  app.add_option("--backend", options.backend, "Its address")->required();
  app.add_option("--encap", options.encap, "How packets get there: l2, ipip or gue")
      ->transform(CLI::CheckedTransformer(kEncaps));
  app.add_option("--vip", options.vip, "Virtual address to connect to")->required();
  app.add_option("--port", options.port, "Port of the VIP")->capture_default_str();
  app.add_option("--check", options.check.kind, "tcp, http, https or mptcp")
      ->transform(CLI::CheckedTransformer(kKinds));
  app.add_option("--path", options.check.path, "http, https: what is asked for");
  app.add_option("--body", options.check.body, "http, https: what the answer must hold");
  app.add_option("--timeout-ms", options.timeout_ms, "Of the check")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
}

Expected<health::Target> TargetOf(const Options& options) {
  const auto backend = IpAddress::Parse(options.backend);
  if (!backend) return Fail(fmt::format("--backend {}: no IP address", options.backend));
  const auto vip = IpAddress::Parse(options.vip);
  if (!vip) return Fail(fmt::format("--vip {}: no IP address", options.vip));
  return health::Target{.name = options.backend,
                        .way = {.backend = *backend, .encap = options.encap},
                        .vip = *vip,
                        .port = Port(options.port),
                        .check = options.check,
                        .policy = {.interval = std::chrono::milliseconds(1),
                                   .timeout = std::chrono::milliseconds(options.timeout_ms)}};
}

Expected<health::Prefixes> PrefixesOf(const Options& options) {
  health::Prefixes prefixes{.device = options.device, .sources = {}};
  for (const std::string& text : options.sources) {
    const auto prefix = IpPrefix::Parse(text);
    if (!prefix) return Fail(fmt::format("--source {}: no prefix", text));
    prefixes.sources.push_back(*prefix);
  }
  return prefixes;
}

// The state after the first check.
Expected<health::State> Probe(const Options& options) {
  const auto prefixes = PrefixesOf(options);
  if (!prefixes) return tl::unexpected(prefixes.error());
  const auto target = TargetOf(options);
  if (!target) return tl::unexpected(target.error());
  boost::asio::io_context io;
  const BootClock clock;
  SystemRandom random;
  health::State state = health::State::kUnknown;
  auto transport = health::OpenWireTransport(io, *prefixes, clock, random);
  if (!transport) return tl::unexpected(transport.error());
  health::Prober prober(
      io, clock, random, *std::move(transport),
      {.changed =
           [&](const health::Target&, health::State now, const std::string& detail) {
             state = now;
             fmt::print("{}: {}\n", health::Name(now), detail);
           },
       .owner = [](const health::Target&, Token) { return health::TokenOwner::kUnread; }});
  if (auto adopted = prober.Adopt({*target}); !adopted) return tl::unexpected(adopted.error());
  while (state == health::State::kUnknown) io.run_one_for(kLook);
  return state;
}

int Main(int argc, char** argv) {
  CLI::App app("Checks one backend the way client traffic goes; says up or down, and why.",
               "joinery-probe");
  Options options;
  Describe(app, options);
  CLI11_PARSE(app, argc, argv);
  const auto state = Probe(options);
  if (!state) {
    fmt::print(stderr, "joinery-probe: {}\n", state.error().message);
    return 2;
  }
  return *state == health::State::kUp ? 0 : 1;
}

}  // namespace
}  // namespace joinery

int main(int argc, char** argv) { return joinery::Main(argc, argv); }
