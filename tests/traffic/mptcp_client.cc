// mptcp-client: opens many MPTCP connections at once, waits for their second subflows, uses them
// and prints what became of each: lines of JSON, "opened" when the joins of a connection are
// settled and "closed" at its end. Exit status 0 when no connection broke; a refused join breaks
// none, since the first subflow goes on.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tests/traffic/campaign.h"

namespace {

// Standard input has something to read, or its other end is closed.
bool InputEnded() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) != 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace joinery::traffic;
  CampaignOptions options;
  std::vector<std::string> remotes;
  uint32_t hold_ms = 0;
  uint32_t step_ms = 10'000;
  uint32_t join_ms = 5'000;
  bool plain_tcp = false;
  bool hold_while_input = false;
  CLI::App app("Opens MPTCP connections and reports their subflows.", "mptcp-client");
  app.add_option("remote", remotes, "198.18.0.1:80 or [2001:db8::1]:80; several take turns")
      ->required();
  app.add_option("--connections", options.connections, "how many")
      ->check(CLI::Range(1U, kMaxConnections));
  app.add_option("--workers", options.workers, "how many open at a time")
      ->check(CLI::Range(1U, kMaxWorkers));
  app.add_option("--subflows", options.subflows, "wanted of each connection, the first counted")
      ->check(CLI::Range(1, 8));
  app.add_option("--bytes", options.fetch_bytes, "to fetch over each connection")
      ->check(CLI::Range(uint64_t{0}, kMaxSendBytes));
  app.add_option("--hold-ms", hold_ms, "how long all are kept in use when they are open")
      ->check(CLI::Range(0, 600'000));
  app.add_flag("--hold-while-input", hold_while_input,
               "end the hold when standard input ends, or brings something");
  app.add_option("--step-ms", step_ms, "deadline of each step")->check(CLI::Range(1, 600'000));
  app.add_option("--join-ms", join_ms, "deadline of the joins")->check(CLI::Range(1, 600'000));
  app.add_flag("--tcp", plain_tcp, "open TCP connections");
  CLI11_PARSE(app, argc, argv);

  for (const std::string& remote : remotes) {
    const auto endpoint = ParseEndpoint(remote);
    if (!endpoint) {
      fmt::print(stderr, "mptcp-client: {}\n", endpoint.error().message);
      return 2;
    }
    options.remotes.push_back(*endpoint);
  }
  options.hold = std::chrono::milliseconds(hold_ms);
  options.step_timeout = std::chrono::milliseconds(step_ms);
  options.join_timeout = std::chrono::milliseconds(join_ms);
  if (hold_while_input) options.hold_on = [] { return !InputEnded(); };
  if (plain_tcp) {
    options.transport = Transport::kTcp;
    options.subflows = 1;
  }
  const auto reports = RunCampaign(options, [](std::string_view event, const Report& report) {
    fmt::print("{}\n", ToJson(event, report));
    std::fflush(stdout);
  });
  const bool whole = std::ranges::all_of(reports, [](const Report& r) { return r.broken.empty(); });
  return whole ? 0 : 1;
}
