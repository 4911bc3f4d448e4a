// joinery-lb: reads the command line and starts what it asks for.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "api/net/client.h"
#include "api/net/target.h"
#include "lb/dpdk/run.h"
#include "lb/dpdk/stats_server.h"
#include "settings/limits.h"
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
  const auto ran = dpdk::Run(path, *config);
  return ran ? EXIT_SUCCESS : Refuse(ran.error().message);
}

int PrintStats(const std::string& socket) {
  const auto stats = dpdk::FetchStats(socket);
  if (!stats) return Refuse(stats.error().message);
  fmt::print("{}", *stats);
  return EXIT_SUCCESS;
}

// Asks a running balancer; the answer is JSON, a refusal says what is wrong with the question.
int Explain(const std::string& socket, const std::vector<std::string>& question) {
  std::string target = "/v1/explain";
  for (const std::string& parameter : question) {
    const size_t equals = std::min(parameter.find('='), parameter.size());
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += api::PercentEncode(parameter.substr(0, equals)) + "=";
    if (equals < parameter.size()) target += api::PercentEncode(parameter.substr(equals + 1));
  }
  const api::Endpoint balancer{.unix_path = socket + std::string(settings::kRequestsSuffix)};
  const auto answer = api::CallOnce(balancer, {.target = std::move(target)});
  if (!answer) return Refuse(answer.error().message);
  if (!answer->ok()) return Refuse(answer->ErrorText());
  fmt::print("{}", answer->body);
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
  std::string asked;
  std::vector<std::string> question;
  what->add_option("--explain", asked,
                   "Ask the balancer with this stats_socket what it does with a packet, and why")
      ->type_name("SOCKET");
  what->require_option(1);
  app.add_option("question", question,
                 "For --explain: frame=HEX or packet=HEX, or source=ADDRESS:PORT and "
                 "destination=ADDRESS:PORT with protocol=tcp|udp, kind=syn|join|ack, token=NUMBER");
  app.set_version_flag("--version", kVersion);
  CLI11_PARSE(app, argc, argv);

  if (!check.empty()) return settings::Check(check, std::cout) ? EXIT_SUCCESS : EXIT_FAILURE;
  if (!socket.empty()) return PrintStats(socket);
  if (!asked.empty()) return Explain(asked, question);
  return Forward(config);
}

}  // namespace
}  // namespace joinery

int main(int argc, char** argv) { return joinery::Main(argc, argv); }
