// joinery-agent: reads the command line and starts what it asks for.
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <sys/prctl.h>

#include "api/net/client.h"
#include "api/net/loop.h"
#include "backend/agent/config/load_agent.h"
#include "backend/agent/run/agent.h"
#include "backend/agent/run/status_json.h"

namespace joinery::agent {
namespace {

constexpr const char* kVersion = "joinery-agent 0.1.0";

int Refuse(const std::string& message) {
  fmt::print(stderr, "joinery-agent: {}\n", message);
  return EXIT_FAILURE;
}

int Run(const std::string& path) {
  prctl(PR_SET_DUMPABLE, 0);  // scheme keys belong into no core dump
  std::signal(SIGPIPE, SIG_IGN);
  const auto config = LoadAgentFile(path);
  if (!config) {
    static_cast<void>(CheckAgentFile(path, std::cerr));
    return EXIT_FAILURE;
  }
  api::Loop loop;
  const auto agent = Agent::Start(loop, *config);
  if (!agent) return Refuse(agent.error().message);
  const auto stop_on_term = loop.OnSignal(SIGTERM, [&loop] { loop.Stop(); });
  const auto stop_on_int = loop.OnSignal(SIGINT, [&loop] { loop.Stop(); });
  const auto reload_on_hup = loop.OnSignal(SIGHUP, [&agent] { (*agent)->Reload(); });
  loop.Run();
  return EXIT_SUCCESS;
}

int PrintStatus(const std::string& socket, bool as_json) {
  const auto endpoint = api::ParseEndpoint("unix:" + socket);
  if (!endpoint) return Refuse(endpoint.error().message);
  const auto answer = api::CallOnce(*endpoint, {.method = "GET", .target = "/v1/status"});
  if (!answer) return Refuse(answer.error().message);
  if (!answer->ok()) return Refuse(answer->ErrorText());
  if (as_json) {
    fmt::print("{}\n", answer->body);
    return EXIT_SUCCESS;
  }
  const auto text = StatusText(answer->body);
  if (!text) return Refuse(text.error().message);
  fmt::print("{}", *text);
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  CLI::App app("Joinery's agent on a backend: feeds the kernel module, leases tokens, reports.",
               "joinery-agent");
  std::string config;
  std::string check;
  std::string socket = AgentConfig{}.status_socket;
  bool as_json = false;
  app.add_option("--config", config, "Run by this configuration; SIGHUP reads certificates again")
      ->type_name("FILE");
  app.add_option("--check", check, "Only say whether this configuration is valid")
      ->type_name("FILE");
  app.set_version_flag("--version", kVersion);
  CLI::App* status = app.add_subcommand("status", "Print the state of the agent that runs");
  status->add_option("--socket", socket, "Its status_socket")->capture_default_str();
  status->add_flag("--json", as_json, "As it comes, counters included");
  CLI11_PARSE(app, argc, argv);

  if (status->parsed()) return PrintStatus(socket, as_json);
  if (!check.empty()) return CheckAgentFile(check, std::cout) ? EXIT_SUCCESS : EXIT_FAILURE;
  if (!config.empty()) return Run(config);
  std::cerr << app.help();
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace joinery::agent

int main(int argc, char** argv) { return joinery::agent::Main(argc, argv); }
