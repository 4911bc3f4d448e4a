// joinery-lb: reads the command line and starts what it asks for.
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lb/dpdk/run.h"
#include "lb/dpdk/stats_server.h"
#include "settings/load.h"

namespace joinery {
namespace {

constexpr const char* kVersion = "joinery-lb 0.1.0";

int Refuse(const std::string& message) {
  fmt::print(stderr, "joinery-lb: {}\n", message);
  return EXIT_FAILURE;
}

int Forward(const std::string& path) {
  const auto config = settings::LoadFile(path);
  if (!config) {
    static_cast<void>(settings::Check(path, std::cerr));
    return EXIT_FAILURE;
  }
  if (config->control) return Refuse(path + ": control: this version can not follow one yet");
  const auto ran = dpdk::Run(path, *config);
  return ran ? EXIT_SUCCESS : Refuse(ran.error().message);
}

int PrintStats(const std::string& socket) {
  const auto stats = dpdk::FetchStats(socket);
  if (!stats) return Refuse(stats.error().message);
  fmt::print("{}", *stats);
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  CLI::App app("Joinery's forwarding plane: steers MPTCP and TCP packets to backends.",
               "joinery-lb");
  std::string config;
  std::string check;
  std::string socket;
  auto* what = app.add_option_group("what to do");
  what->add_option("--config", config, "Forward by this configuration; SIGHUP reads it again")
      ->type_name("FILE");
  what->add_option("--check", check, "Only say whether this configuration is valid")
      ->type_name("FILE");
  what->add_option("--stats", socket, "Print the counters of the balancer with this stats_socket")
      ->type_name("SOCKET");
  what->require_option(1);
  app.set_version_flag("--version", kVersion);
  CLI11_PARSE(app, argc, argv);

  if (!check.empty()) return settings::Check(check, std::cout) ? EXIT_SUCCESS : EXIT_FAILURE;
  if (!socket.empty()) return PrintStats(socket);
  return Forward(config);
}

}  // namespace
}  // namespace joinery

int main(int argc, char** argv) { return joinery::Main(argc, argv); }
