// The daemon over real sockets, with a balancer and agents that do what theirs must, and joinctl as
// its operator. Time is real; what is waited for is polled with a deadline.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/agent_view_json.h"
#include "api/balancer_view_json.h"
#include "api/net/client.h"
#include "api/pki/pki.h"
#include "api/position_text.h"
#include "api/reports_json.h"
#include "control/ctl/commands.h"
#include "control/ctl/status_view.h"
#include "control/daemon/daemon.h"
#include "control/health/scripted_transport.h"

namespace joinery::control {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kDeadline{90};

std::optional<api::Answer> Call(const std::string& socket, const std::string& method,
                                const std::string& target, const std::string& body = {}) {
  const auto answer =
      api::CallOnce({.unix_path = socket}, {.method = method, .target = target, .body = body});
  if (!answer) return std::nullopt;
  return *answer;
}

std::string After(const api::Position& at) { return "?after=" + api::ToString(at) + "&wait_s=0"; }

// Applies and confirms whatever it is sent, as a balancer that is always quick.
struct FakeBalancer {
  std::string socket;
  api::Sequence sequence{.session = 1, .number = 0};
  api::Stamp scheme;
  std::string scheme_bytes;
  api::LoadPart load;
  bool hand_back = false;

  explicit FakeBalancer(std::string path) : socket(std::move(path)) {}

  void Turn() {
    if (const auto view = Call(socket, "GET", "/v1/balancer/scheme" + After(scheme.at));
        view && view->status == 200 && *view->position > scheme.at) {
      scheme = {.at = *view->position, .digest = view->digest};
      scheme_bytes = view->body;
    }
    if (const auto view = Call(socket, "GET", "/v1/balancer/load" + After(load.at));
        view && view->status == 200) {
      load = *api::ParseLoadPart(view->body);
    }
    ++sequence.number;
    api::BalancerReport report;
    report.sequence = sequence;
    report.scheme = scheme;
    report.load = load.at;
    report.ready = true;
    if (hand_back && !scheme_bytes.empty()) report.held = *api::ParseSchemePart(scheme_bytes);
    const auto answer = Call(socket, "POST", "/v1/balancer/report", ToJson(report));
    if (!answer || !answer->ok()) return;
    hand_back = api::ParseBalancerReply(answer->body)->send_scheme;
  }

  [[nodiscard]] settings::BackendState StateOf(BackendId id) const {
    for (const api::PoolLoad& pool : load.pools) {
      for (const api::MemberLoad& member : pool.members) {
        if (member.id == id) return member.state;
      }
    }
    return settings::BackendState::kFailed;
  }
};

// Encodes what it may, and has `connections` tokens of it.
struct FakeAgent {
  std::string socket;
  api::Sequence sequence{.session = 1, .number = 0};
  api::Stamp stamp;
  api::AgentView view;
  std::optional<Serial> encoding;
  uint32_t connections = 0;

  explicit FakeAgent(std::string path) : socket(std::move(path)) {}

  void Turn() {
    if (const auto found = Call(socket, "GET", "/v1/agent/view" + After(stamp.at));
        found && found->status == 200 && *found->position > stamp.at) {
      stamp = {.at = *found->position, .digest = found->digest};
      view = *api::ParseAgentView(found->body);
      encoding.reset();
    }
    ++sequence.number;
    api::AgentReport report;
    report.sequence = sequence;
    report.view = stamp;
    report.incarnation = 7;
    report.encoding = encoding;
    report.connections = connections;
    if (view.active) {
      report.uses.push_back({.serial = view.active->serial, .tokens = connections, .keys = 0});
    }
    for (const api::OldGeneration& old : view.draining)
      report.uses.push_back({.serial = old.serial});
    const auto answer = Call(socket, "POST", "/v1/agent/report", ToJson(report));
    if (!answer || !answer->ok()) return;
    const auto reply = api::ParseAgentReply(answer->body);
    if (reply->may_encode && reply->view == stamp.at && view.active) {
      encoding = view.active->serial;
    }
  }
};

class EndToEnd : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/joinery-e2e-XXXXXX";  // short: a socket's path has 107 bytes
    folder_ = mkdtemp(pattern);
    lb_.socket = folder_ + "/lb1";
    b1_.socket = folder_ + "/b1";
    b2_.socket = folder_ + "/b2";
    WriteConfig();
    Start();
  }
  void TearDown() override {
    Stop();
    fs::remove_all(folder_);
  }

  void WriteConfig(const std::string& more_control = "", const std::string& b2 = "weight: 1",
                   const std::string& more_pool = "") {
    std::ofstream(folder_ + "/c.yaml")
        << "control:\n  admin_socket: " << folder_ << "/admin\n  state_file: " << folder_
        << "/state\n  audit_log: " << folder_ << "/audit\n  log_level: error\n"
        << "  lease_s: 3\n  retire_hold_s: 0\n  quarantine_h: 0\n  local:\n"
        << "    - {socket: " << lb_.socket << ", balancer: lb1}\n"
        << "    - {socket: " << b1_.socket << ", backend: web/b1}\n"
        << "    - {socket: " << b2_.socket << ", backend: web/b2}\n"
        << more_control << "balancers:\n  - {name: lb1, addresses: [198.18.0.2]}\n"
        << "pools:\n  - name: web\n    table_size: 251\n"
        << more_pool << "    vips: [{address: 198.18.1.1, ports: [80]}]\n    backends:\n"
        << "      - {name: b1, address: 198.18.0.11}\n"
        << "      - {name: b2, address: 198.18.0.12, " << b2 << "}\n";
  }

  void Start() {
    auto daemon = Daemon::Create(
        {.config_path = folder_ + "/c.yaml", .transport = [script = script_](auto&, const auto&) {
           return Expected<std::unique_ptr<health::Transport>>(health::Script::Play(script));
         }});
    ASSERT_TRUE(daemon) << daemon.error().message;
    daemon_ = *std::move(daemon);
    thread_ = std::thread([this] { EXPECT_TRUE(daemon_->Run()); });
  }
  void Stop() {
    if (!daemon_) return;
    daemon_->Stop();
    thread_.join();
    daemon_.reset();
  }

  // Lets everybody have turns until it holds.
  bool Until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (std::chrono::steady_clock::now() < end) {
      lb_.Turn();
      b1_.Turn();
      b2_.Turn();
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
  bool UntilBothEncode() {
    return Until([this] { return b1_.encoding.has_value() && b2_.encoding.has_value(); });
  }

  struct Ran {
    ctl::Exit exit;
    std::string out;
    std::string err;
  };
  Ran Joinctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--socket", folder_ + "/admin"});
    std::ostringstream out;
    std::ostringstream err;
    const ctl::Exit exit = ctl::RunCommandLine(arguments, out, err);
    return {.exit = exit, .out = out.str(), .err = err.str()};
  }
  ctl::StatusView Status() {
    const auto status = ctl::ParseStatus(Joinctl({"--json", "status"}).out);
    EXPECT_TRUE(status) << status.error().message;
    return status ? *status : ctl::StatusView{};
  }

  std::string folder_;
  FakeBalancer lb_{""};
  FakeAgent b1_{""};
  FakeAgent b2_{""};
  std::shared_ptr<health::Script> script_ = std::make_shared<health::Script>();
  std::unique_ptr<Daemon> daemon_;
  std::thread thread_;
};

TEST_F(EndToEnd, JoinsRotatesAndRetires) {
  ASSERT_TRUE(UntilBothEncode());
  EXPECT_NE(b1_.view.id, b2_.view.id);
  const Serial first = *b1_.encoding;
  b1_.connections = 3;
  ASSERT_TRUE(Until([this] { return Status().pools[0].backends[0].agent->connections == 3; }));

  const Ran rotated = Joinctl({"rotate", "web"});
  ASSERT_EQ(rotated.exit, ctl::Exit::kDone) << rotated.err;
  b1_.connections = 0;
  ASSERT_TRUE(Until([&] {
    return b1_.encoding && *b1_.encoding > first && b2_.encoding && *b2_.encoding > first;
  }));
  ASSERT_TRUE(Until([&] { return Status().pools[0].generations.size() == 1; }))
      << Joinctl({"generations"}).out;

  std::ifstream audit(folder_ + "/audit");
  const std::string lines{std::istreambuf_iterator<char>(audit), {}};
  EXPECT_NE(lines.find("\"what\":\"rotate\""), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"who\":\"uid "), std::string::npos) << lines;
  const std::string events = Joinctl({"events", "--once"}).out;
  EXPECT_NE(events.find("web"), std::string::npos) << events;
}

TEST_F(EndToEnd, DrainsWithANumber) {
  ASSERT_TRUE(UntilBothEncode());
  b1_.connections = 2;
  ASSERT_TRUE(Until([this] { return Status().pools[0].backends[0].agent->connections == 2; }));
  const Ran drained = Joinctl({"backends", "drain", "web/b1", "--deadline", "600"});
  EXPECT_EQ(drained.exit, ctl::Exit::kDone) << drained.err;
  EXPECT_NE(drained.out.find("2 connections left"), std::string::npos) << drained.out;
  EXPECT_TRUE(Until([this] {
    return lb_.StateOf(b1_.view.id) == settings::BackendState::kDraining && b1_.view.drain;
  }));
  EXPECT_EQ(Joinctl({"backends", "undrain", "web/b1"}).exit, ctl::Exit::kDone);
  EXPECT_TRUE(Until([this] { return lb_.StateOf(b1_.view.id) == settings::BackendState::kUp; }));
}

TEST_F(EndToEnd, ARestartKeepsIdsAndKeys) {
  ASSERT_TRUE(UntilBothEncode());
  const BackendId id = b1_.view.id;
  const crypto::Key128 key = b1_.view.active->key;
  const api::Position before = b1_.stamp.at;
  Stop();
  Start();
  ASSERT_TRUE(Until([&] { return b1_.stamp.at.epoch > before.epoch && b1_.encoding; }))
      << Joinctl({"status"}).out;
  EXPECT_EQ(b1_.view.id, id);
  EXPECT_TRUE(b1_.view.active->key == key);
}

// A whole folder that comes back from a backup is not recognised on this host: those who report are
// ahead then, and control goes on from what they hold.
TEST_F(EndToEnd, ARestoredBackupUndoesNoRotation) {
  ASSERT_TRUE(UntilBothEncode());
  Stop();
  fs::copy_file(folder_ + "/state", folder_ + "/state.backup");
  fs::copy_file(folder_ + "/state.mark", folder_ + "/mark.backup");
  Start();
  ASSERT_TRUE(UntilBothEncode());
  const Serial first = *b1_.encoding;
  ASSERT_EQ(Joinctl({"rotate", "web"}).exit, ctl::Exit::kDone);
  ASSERT_TRUE(Until([&] { return b1_.encoding && *b1_.encoding > first; }));
  const Serial second = *b1_.encoding;
  const api::Position held = b1_.stamp.at;
  Stop();
  constexpr auto kOver = fs::copy_options::overwrite_existing;
  fs::copy_file(folder_ + "/state.backup", folder_ + "/state", kOver);
  EXPECT_FALSE(Daemon::Create({.config_path = folder_ + "/c.yaml"})) << "the mark is newer";
  fs::copy_file(folder_ + "/mark.backup", folder_ + "/state.mark", kOver);
  Start();
  ASSERT_TRUE(Until([&] { return b1_.stamp.at.epoch > held.epoch && b1_.encoding; }))
      << Joinctl({"status"}).out;
  EXPECT_GE(*b1_.encoding, second);
}

TEST_F(EndToEnd, AppliesItsFileAndSaysWhatItWouldDo) {
  ASSERT_TRUE(UntilBothEncode());
  EXPECT_EQ(Joinctl({"config", "diff"}).out, "no change\n");
  WriteConfig("", "weight: 3");
  const Ran diff = Joinctl({"config", "diff"});
  EXPECT_NE(diff.out.find("web/b2"), std::string::npos) << diff.out << diff.err;
  EXPECT_NE(diff.out.find("of 251 slots move"), std::string::npos) << diff.out;
  EXPECT_EQ(Joinctl({"config", "apply"}).exit, ctl::Exit::kDone);
  EXPECT_TRUE(Until([this] { return Status().pools[0].backends[1].weight == 3; }));

  WriteConfig("", "weight: 3, wieght: 4");
  const Ran wrong = Joinctl({"config", "apply"});
  EXPECT_EQ(wrong.exit, ctl::Exit::kRefused);
  EXPECT_NE(wrong.err.find("wieght: unknown key; did you mean weight?"), std::string::npos)
      << wrong.err;
  EXPECT_EQ(Status().pools[0].backends[1].weight, 3U);
}

TEST_F(EndToEnd, EachSocketIsOneReceiver) {
  ASSERT_TRUE(UntilBothEncode());
  EXPECT_EQ(Call(b1_.socket, "GET", "/v1/balancer/scheme")->status, 403U);
  EXPECT_EQ(Call(lb_.socket, "GET", "/v1/agent/view")->status, 403U);
  EXPECT_EQ(Call(lb_.socket, "POST", "/v1/balancer/report", "{}")->status, 400U);
  EXPECT_EQ(Call(lb_.socket, "GET", "/v1/status")->status, 404U) << "operators have another socket";
}

TEST_F(EndToEnd, TokensAreExplainedAndKeysNeverShown) {
  ASSERT_TRUE(UntilBothEncode());
  const Ran decoded = Joinctl({"token", "decode", "0x00000001"});
  EXPECT_EQ(decoded.exit, ctl::Exit::kDone) << decoded.err;
  EXPECT_NE(decoded.out.find("pool web"), std::string::npos) << decoded.out;
  std::string key;
  for (const uint8_t byte : b1_.view.active->key.bytes()) key += fmt::format("{:02x}", byte);
  for (const auto& shown : {Joinctl({"--json", "status"}).out, Joinctl({"events", "--once"}).out}) {
    EXPECT_EQ(shown.find(key), std::string::npos);
  }
}

// What a check finds comes to balancers, operators and the log; a reload forgets nothing of it.
TEST_F(EndToEnd, ChecksMoveNewConnectionsOnly) {
  constexpr char kSources[] = "  health: {sources: [198.18.77.0/24]}\n";
  constexpr char kPace[] = "    health: {interval_ms: 100, panic_percent: 60, rise: 1, fall: 2}\n";
  constexpr char kB2[] = "web/b2 at 198.18.1.1";
  Stop();
  WriteConfig(kSources, "weight: 1", kPace);
  Start();
  ASSERT_TRUE(UntilBothEncode());
  ASSERT_TRUE(Until([this] { return Status().pools[0].backends[1].health->state == "up"; }));

  script_->Answer(kB2, {.ok = false, .detail = "connect: Connection refused"});
  ASSERT_TRUE(Until([this] { return lb_.StateOf(b2_.view.id) == settings::BackendState::kDown; }));
  EXPECT_EQ(lb_.StateOf(b1_.view.id), settings::BackendState::kUp);
  EXPECT_TRUE(b2_.encoding) << "its agent goes on: only placement knows";
  EXPECT_FALSE(b2_.view.drain);
  const std::string shown = Joinctl({"backends"}).out;
  EXPECT_NE(shown.find("up, down"), std::string::npos) << shown;
  EXPECT_NE(shown.find("the last: connect: Connection refused"), std::string::npos) << shown;
  const std::string events = Joinctl({"events", "--once"}).out;
  EXPECT_NE(events.find("web/b2 is down: connect: Connection refused at 198.18.1.1 port 80"),
            std::string::npos)
      << events;

  WriteConfig(kSources, "weight: 3", kPace);
  ASSERT_EQ(Joinctl({"config", "apply"}).exit, ctl::Exit::kDone);
  ASSERT_TRUE(Until([this] { return Status().pools[0].backends[1].weight == 3; }));
  EXPECT_EQ(Status().pools[0].backends[1].health->state, "down");
  EXPECT_EQ(lb_.StateOf(b2_.view.id), settings::BackendState::kDown);

  script_->Answer("web/b1 at 198.18.1.1", {.ok = false, .detail = "no answer"});
  ASSERT_TRUE(Until([this] { return lb_.StateOf(b2_.view.id) == settings::BackendState::kUp; }))
      << "all are down: as if none were";
  const std::string status = Joinctl({"status"}).out;
  EXPECT_NE(status.find("ALARM: web: 2 of 2 backends are down: health is ignored"),
            std::string::npos)
      << status;

  WriteConfig(kSources, "weight: 3",
              "    health: {interval_ms: 100, rise: 1, fall: 2, all_down: withdraw}\n");
  const Ran diff = Joinctl({"config", "diff"});
  EXPECT_NE(diff.out.find("other health checks"), std::string::npos) << diff.out;
  ASSERT_EQ(Joinctl({"config", "apply"}).exit, ctl::Exit::kDone);
  ASSERT_TRUE(Until([this] { return lb_.load.pools[0].withdraw; }));
  script_->Answer(kB2, {.ok = true, .detail = "connected"});
  ASSERT_TRUE(Until([this] { return !lb_.load.pools[0].withdraw; }));
  EXPECT_EQ(lb_.StateOf(b2_.view.id), settings::BackendState::kUp);
}

TEST_F(EndToEnd, WithoutItsDeviceItDoesNotStart) {
  Stop();
  WriteConfig("  health: {sources: [198.18.77.0/24]}\n");
  const auto daemon = Daemon::Create(
      {.config_path = folder_ + "/c.yaml",
       .transport = [](auto&, const auto&) -> Expected<std::unique_ptr<health::Transport>> {
         return Fail("joinery-check: no such device");
       }});
  ASSERT_FALSE(daemon);
  EXPECT_EQ(daemon.error().message, "control.health: joinery-check: no such device");
}

// Over TLS the certificate says who somebody is.
TEST_F(EndToEnd, CertificatesNameReceivers) {
  const std::string pki = folder_ + "/pki";
  ASSERT_TRUE(api::InitAuthority(pki, "test", 30));
  const auto issue = [&](const std::string& uri, const std::string& out) {
    const auto issued =
        api::IssueCertificate(pki, *api::ParseIdentity(uri), 7, folder_ + "/" + out);
    ASSERT_TRUE(issued) << issued.error().message;
  };
  issue("joinery:control:control", "control");
  issue("joinery:agent:web/b1", "agent");
  Stop();
  constexpr uint16_t kPort = 17'443;
  WriteConfig(
      fmt::format("  listen: [{{address: 127.0.0.1, port: {}}}]\n"
                  "  tls: {{ca: pki/ca.crt, certificate: control.crt, key: control.key, "
                  "revoked: pki/revoked.pem}}\n",
                  kPort));
  Start();
  ASSERT_TRUE(UntilBothEncode());
  const auto credentials = api::Credentials::Load({.certificate = folder_ + "/agent.crt",
                                                   .key = folder_ + "/agent.key",
                                                   .authority = pki + "/ca.crt"});
  ASSERT_TRUE(credentials) << credentials.error().message;
  const api::Endpoint control{
      .host = "127.0.0.1", .port = Port(kPort), .credentials = *credentials};
  const auto view = api::CallOnce(control, {.target = "/v1/agent/view"});
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->status, 200U) << view->body;
  EXPECT_EQ(api::ParseAgentView(view->body)->backend, "b1");
  EXPECT_EQ(api::CallOnce(control, {.target = "/v1/balancer/scheme"})->status, 403U);
}

}  // namespace
}  // namespace joinery::control
