// A control daemon of a few lines for one agent, so that the agent's test decides what control
// says. It speaks api/ over a Unix socket and follows files:
//
//   agent_control SOCKET FOLDER
//
//   FOLDER/view     "EPOCH.VERSION [active=CODEPOINT:SERIAL:KEY] [draining=C:S,...] [drain]": one
//                   line; the pool is web (7), the backend web1 (5), r = 2, max_backends 8
//   FOLDER/vips     one address on each line, TCP port 7000
//   FOLDER/may      while it is there, the agent may encode
//   FOLDER/reports  written: each report as it came, a line each
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "api/agent_view_json.h"
#include "api/net/loop.h"
#include "api/net/server.h"
#include "api/position_text.h"
#include "api/reports_json.h"
#include "base/hex.h"

namespace joinery {
namespace {

constexpr Port kPort{7000};
constexpr auto kLookEvery = std::chrono::milliseconds(50);
constexpr unsigned kLooksOfAWatch = 400;  // 20 s; then 204
constexpr unsigned kNoContent = 204;

std::vector<std::string> Split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::string ReadLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

api::OldGeneration OldOf(const std::vector<std::string>& parts) {
  return {.codepoint = Codepoint(static_cast<uint8_t>(std::stoul(parts.at(0)))),
          .serial = Serial(std::stoull(parts.at(1)))};
}

// What the file `view` says.
std::optional<api::AgentView> ViewOf(const std::string& line, const std::string& vips) {
  const auto words = Split(line, ' ');
  if (words.empty()) return std::nullopt;
  const auto at = api::ParsePosition(words.front());
  if (!at) return std::nullopt;
  api::AgentView view;
  view.at = *at;
  view.backend = "web1";
  view.id = BackendId(5);
  view.pool = "web";
  view.pool_id = PoolId(7);
  view.max_backends = 8;
  for (const std::string& word : words) {
    const auto pair = Split(word, '=');
    if (word == "drain") view.drain = true;
    if (pair.size() != 2) continue;
    if (pair[0] == "active") {
      const auto parts = Split(pair[1], ':');
      const auto old = OldOf(parts);
      crypto::Key128::Bytes key{};
      const auto bytes = FromHex(parts.at(2));
      if (!bytes || bytes->size() != key.size()) return std::nullopt;
      std::copy(bytes->begin(), bytes->end(), key.begin());
      view.active = api::SchemeGeneration{.codepoint = old.codepoint,
                                          .serial = old.serial,
                                          .state = settings::GenerationState::kActive,
                                          .key = key};
    } else if (pair[0] == "draining") {
      for (const std::string& one : Split(pair[1], ',')) {
        view.draining.push_back(OldOf(Split(one, ':')));
      }
    }
  }
  std::ifstream file(vips);
  for (std::string one; std::getline(file, one);) {
    const auto address = IpAddress::Parse(one);
    if (!address) return std::nullopt;
    view.vips.push_back({.address = *address, .protocol = 6, .ports = {{kPort, kPort}}});
  }
  return view;
}

class Control {
 public:
  Control(api::Loop& loop, std::string folder) : server_(loop), folder_(std::move(folder)) {
    server_.Route("GET", "/v1/agent/view",
                  [this](const api::Request& request, api::Responder responder) {
                    const std::string* after = request.Find("after");
                    OnWatch(after == nullptr ? std::nullopt : api::ParsePosition(*after),
                            std::move(responder));
                  });
    server_.Route("POST", "/v1/agent/report",
                  [this](const api::Request& request, api::Responder responder) {
                    responder.Send(OnReport(request.body));
                  });
    looking_ = loop.Every(kLookEvery, [this] { Look(); });
  }

  [[nodiscard]] Expected<void> Listen(const std::string& socket) {
    return server_.Listen(api::UnixListener{.path = socket});
  }

 private:
  struct Watch {
    unsigned looks = 0;
    api::Responder responder;
  };

  void OnWatch(const std::optional<api::Position>& after, api::Responder responder) {
    if (view_ && after != view_->at) return responder.Send(Answer(*view_));
    waiting_.push_back({.looks = 0, .responder = std::move(responder)});
  }

  api::Response OnReport(const std::string& body) {
    std::ofstream(folder_ + "/reports", std::ios::app) << body << "\n";
    const auto report = api::ParseAgentReport(body);
    if (!report) return api::ErrorResponse(400, report.error().message);
    const bool may = access((folder_ + "/may").c_str(), F_OK) == 0;
    return api::JsonResponse(api::ToJson(api::AgentReply{
        .may_encode = may, .view = report->view.at, .incarnation = report->incarnation}));
  }

  // A new view ends every wait, and so does time.
  void Look() {
    const std::string line = ReadLine(folder_ + "/view");
    const bool changed = line != line_;
    if (changed) view_ = ViewOf(line, folder_ + "/vips");
    line_ = line;
    for (Watch& watch : waiting_) {
      if (changed && view_) {
        watch.responder.Send(Answer(*view_));
        watch.looks = kLooksOfAWatch;
      } else if (++watch.looks == kLooksOfAWatch) {
        watch.responder.Send({.status = kNoContent});
      }
    }
    std::erase_if(waiting_, [](const Watch& watch) { return watch.looks == kLooksOfAWatch; });
  }

  [[nodiscard]] static api::Response Answer(const api::AgentView& view) {
    api::Response response = api::JsonResponse(api::ToJson(view));
    response.position = view.at;
    return response;
  }

  api::Server server_;
  std::string folder_;
  std::string line_;
  std::optional<api::AgentView> view_;
  std::vector<Watch> waiting_;
  api::Loop::Handle looking_;
};

int Main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: agent_control SOCKET FOLDER\n");
    return 2;
  }
  api::Loop loop;
  Control control(loop, argv[2]);
  if (const auto listening = control.Listen(argv[1]); !listening) {
    std::fprintf(stderr, "agent_control: %s\n", listening.error().message.c_str());
    return 1;
  }
  const auto stop = loop.OnSignal(SIGTERM, [&loop] { loop.Stop(); });
  loop.Run();
  return 0;
}

}  // namespace
}  // namespace joinery

int main(int argc, char** argv) { return joinery::Main(argc, argv); }
