// joinery-control: reads the command line and starts the daemon.
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "control/daemon/daemon.h"
#include "settings/load_control.h"

namespace joinery::control {
namespace {

constexpr const char* kVersion = "joinery-control 0.1.0";

int Refuse(const std::string& message) {
  fmt::print(stderr, "joinery-control: {}\n", message);
  return EXIT_FAILURE;
}

int Run(const Daemon::Options& options) {
  auto daemon = Daemon::Create(options);
  if (!daemon) return Refuse(daemon.error().message);
  const auto ran = (*daemon)->Run();
  return ran ? EXIT_SUCCESS : Refuse(ran.error().message);
}

int Main(int argc, char** argv) {
  CLI::App app("Gives IDs, keys and changes to Joinery's balancers and backends.",
               "joinery-control");
  Daemon::Options options;
  std::string check;
  auto* what = app.add_option_group("what to do");
  what->add_option("--config", options.config_path, "Run by this configuration; SIGHUP applies it")
      ->type_name("FILE");
  what->add_option("--check", check, "Only say whether this configuration is valid")
      ->type_name("FILE");
  what->require_option(1);
  app.add_flag("--accept-older-state", options.accept_older_state,
               "Start although the state file is a restored backup");
  app.set_version_flag("--version", kVersion);
  CLI11_PARSE(app, argc, argv);

  if (!check.empty()) {
    return settings::CheckControlFile(check, std::cout) ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  return Run(options);
}

}  // namespace
}  // namespace joinery::control

int main(int argc, char** argv) { return joinery::control::Main(argc, argv); }
