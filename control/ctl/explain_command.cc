#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "api/net/target.h"
#include "control/ctl/commands.h"
#include "lb/explain/explain.h"
#include "lb/explain/offline.h"
#include "lb/explain/question.h"

namespace joinery::ctl {
namespace {

struct Asked {
  std::string socket = "/run/joinery/lb.sock";  // of a balancer that runs
  explain::Offline offline;                     // else
  std::vector<std::string> question;            // "source=198.18.1.2:40000"
};

std::vector<explain::Parameter> Parameters(const std::vector<std::string>& question) {
  std::vector<explain::Parameter> parameters;
  for (const std::string& part : question) {
    const size_t equals = std::min(part.find('='), part.size());
    parameters.emplace_back(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
  }
  return parameters;
}

void AskBalancer(Context& context, const Asked& asked) {
  std::string target = "/v1/explain";
  char join = '?';
  for (const auto& [name, value] : Parameters(asked.question)) {
    target += std::exchange(join, '&') + api::PercentEncode(name) + "=" + api::PercentEncode(value);
  }
  const auto answer = AskAt(context, asked.socket + ".http", {.target = std::move(target)},
                            "is joinery-lb running, and is that its stats_socket?");
  if (answer) *context.out << answer->body;
}

void AskFiles(Context& context, const Asked& asked) {
  const auto frame = explain::FrameOf(Parameters(asked.question));
  if (!frame) return Complain(context, Exit::kRefused, frame.error().message);
  const auto snapshot = explain::ReadSnapshot(asked.offline);
  if (!snapshot) return Complain(context, Exit::kRefused, snapshot.error().message);
  *context.out << explain::Explain(**snapshot, *frame) << "\n";
}

}  // namespace

void AddExplainCommand(CLI::App& app, Context& context) {
  CLI::App* explain = app.add_subcommand(
      "explain", "Where a packet would go: asked of a balancer on this machine, or of its files");
  const auto asked = std::make_shared<Asked>();
  CLI::Option* balancer =
      explain->add_option("--lb", asked->socket, "The stats_socket of a balancer that runs")
          ->type_name("PATH");
  explain
      ->add_option("--config", asked->offline.config,
                   "No balancer: this configuration of one, with its pools or its last good view")
      ->type_name("FILE")
      ->excludes(balancer);
  explain
      ->add_option("--view", asked->offline.view,
                   "No balancer: the last good view in this folder, a balancer's state_dir")
      ->type_name("DIR")
      ->excludes(balancer);
  explain->add_option("QUESTION", asked->question, "NAME=VALUE ...")->required();
  explain->footer(
      "packet=HEX, frame=HEX, or source=A:PORT destination=A:PORT with protocol=tcp|udp,\n"
      "kind=syn|join|ack, token=NUMBER. Of a capture: joinery-pcap.\n"
      "Example: joinctl explain source=198.18.1.2:40000 destination=198.18.100.1:80 kind=join "
      "token=0x708ffcbc\n"
      "         joinctl explain --config joinery.yaml source=... destination=...");
  explain->callback([&context, asked] {
    const bool offline = !asked->offline.config.empty() || !asked->offline.view.empty();
    if (offline) {
      AskFiles(context, *asked);
    } else {
      AskBalancer(context, *asked);
    }
  });
}

}  // namespace joinery::ctl
