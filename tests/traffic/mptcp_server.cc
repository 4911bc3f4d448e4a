// mptcp-server: a backend for tests and demos. Says on standard output which ports it has, serves
// until SIGTERM or SIGINT (or --seconds), and then prints its counters as one line of JSON.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/traffic/server.h"

namespace {

constexpr int kPollMs = 200;
volatile std::sig_atomic_t stop = 0;

}  // namespace

int main(int argc, char** argv) {
  using namespace joinery::traffic;
  Server::Options options{.name = "backend", .ports = {}};
  bool plain_tcp = false;
  uint32_t seconds = 86'400;
  CLI::App app("A backend for tests: answers the line protocol over MPTCP and TCP.",
               "mptcp-server");
  app.add_option("--name", options.name, "what it calls itself")->required();
  app.add_option("--port", options.ports, "where it listens, on [::]; may be given again")
      ->required();
  app.add_flag("--tcp", plain_tcp, "listen with TCP, not MPTCP");
  app.add_option("--seconds", seconds, "how long it lives at most")->check(CLI::Range(1, 604'800));
  CLI11_PARSE(app, argc, argv);
  if (plain_tcp) options.transport = Transport::kTcp;

  auto server = Server::Create(options);
  if (!server) {
    fmt::print(stderr, "mptcp-server: {}\n", server.error().message);
    return 1;
  }
  std::signal(SIGTERM, [](int) { stop = 1; });
  std::signal(SIGINT, [](int) { stop = 1; });
  fmt::print("mptcp-server: {} listens on {}\n", options.name, fmt::join(server->ports(), " "));
  std::fflush(stdout);
  const Deadline end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (stop == 0 && std::chrono::steady_clock::now() < end) server->Poll(kPollMs);
  const ServerCounters& counters = server->counters();
  fmt::print(
      "{{\"backend\":\"{}\",\"accepted\":{},\"open\":{},\"refused_full\":{},"
      "\"protocol_errors\":{},\"bytes_sent\":{}}}\n",
      options.name, counters.accepted, server->connections(), counters.refused_full,
      counters.protocol_errors, counters.bytes_sent);
  return 0;
}
