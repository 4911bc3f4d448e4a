// The client against the server, over the loopback.
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "tests/traffic/campaign.h"
#include "tests/traffic/server.h"
#include "tests/traffic/session.h"

namespace joinery::traffic {
namespace {

using namespace std::chrono_literals;

// A server of its own thread; the counters may be read when it is stopped.
class RunningServer {
 public:
  explicit RunningServer(Transport transport) {
    auto server = Server::Create({.name = "web1", .ports = {0}, .transport = transport});
    if (!server) throw std::runtime_error(server.error().message);
    server_ = std::make_unique<Server>(std::move(*server));
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) server_->Poll(10);
    });
  }

  [[nodiscard]] Endpoint At(const char* address) const {
    return {*IpAddress::Parse(address), server_->ports().front()};
  }
  const ServerCounters& Stop() {
    thread_ = {};
    return server_->counters();
  }

 private:
  std::unique_ptr<Server> server_;
  std::jthread thread_;
};

Deadline Soon() { return std::chrono::steady_clock::now() + 10s; }

TEST(Traffic, BothFamiliesAndTransports) {
  struct Row {
    const char* name;
    const char* address;
    Transport server;
    Transport client;
    bool mptcp;
  };
  const Row rows[] = {
      {"mptcp over ipv4", "127.0.0.1", Transport::kMptcp, Transport::kMptcp, true},
      {"mptcp over ipv6", "::1", Transport::kMptcp, Transport::kMptcp, true},
      {"tcp client", "127.0.0.1", Transport::kMptcp, Transport::kTcp, false},
      {"tcp server", "127.0.0.1", Transport::kTcp, Transport::kMptcp, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    RunningServer server(row.server);
    CampaignOptions options;
    options.remotes = {server.At(row.address)};
    options.connections = 5;
    options.workers = 2;
    options.subflows = 1;
    options.fetch_bytes = 100'000;
    options.hold = 120ms;
    options.transport = row.client;
    std::atomic<int> events = 0;
    const auto reports = RunCampaign(options, [&](std::string_view, const Report&) { ++events; });
    EXPECT_EQ(events, 10);
    ASSERT_EQ(reports.size(), 5U);
    for (const Report& report : reports) {
      EXPECT_EQ(report.broken, "");
      EXPECT_EQ(report.backend, "web1");
      EXPECT_EQ(report.last_backend, "web1");
      EXPECT_EQ(report.mptcp, row.mptcp);
      EXPECT_EQ(report.server.mptcp, row.mptcp);
      EXPECT_EQ(report.server.subflows, row.mptcp ? 1U : 0U);
      EXPECT_GE(report.echoes, 1U);
    }
    const ServerCounters& counters = server.Stop();
    EXPECT_EQ(counters.accepted, 5U);
    EXPECT_EQ(counters.bytes_sent, 500'000U);
    EXPECT_EQ(counters.protocol_errors, 0U);
  }
}

TEST(Traffic, TheHoldEndsWhenItIsTold) {
  RunningServer server(Transport::kMptcp);
  CampaignOptions options;
  options.remotes = {server.At("127.0.0.1")};
  options.subflows = 1;
  options.hold = 600s;
  options.hold_on = [rounds = std::make_shared<std::atomic<int>>(0)] { return ++*rounds <= 3; };
  const auto reports = RunCampaign(options, [](std::string_view, const Report&) {});
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].broken, "");
  EXPECT_EQ(reports[0].echoes, 3U);
}

TEST(Traffic, AServerThatDiesBreaksTheSession) {
  RunningServer server(Transport::kMptcp);
  auto session = Session::Open(server.At("127.0.0.1"), Transport::kMptcp, Soon());
  ASSERT_TRUE(session.has_value()) << session.error().message;
  EXPECT_TRUE(session->Echo("a", Soon()).has_value());
  EXPECT_FALSE(session->Echo(std::string(2 * kMaxLine, 'a'), Soon()).has_value());
  EXPECT_FALSE(session->Echo("b", Soon()).has_value());
  EXPECT_EQ(server.Stop().protocol_errors, 1U);
}

TEST(Traffic, NobodyListens) {
  const Endpoint closed = RunningServer(Transport::kMptcp).At("::1");
  CampaignOptions options;
  options.remotes = {closed};
  options.connections = 2;
  const auto reports = RunCampaign(options, [](std::string_view, const Report&) {});
  for (const Report& report : reports) {
    EXPECT_EQ(report.broken, "connect: Connection refused");
  }
}

TEST(Server, SaysWhyItCanNotBe) {
  EXPECT_FALSE(Server::Create({.name = "", .ports = {0}}).has_value());
  EXPECT_FALSE(Server::Create({.name = "a", .ports = {}}).has_value());
}

TEST(ToJson, IsOneLineAndEscapes) {
  Report report;
  report.broken = "a \"b\"\n";
  report.subflows = {{.established = true}, {}};
  const std::string line = ToJson("closed", report);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_NE(line.find("\"broken\":\"a ?b??\""), std::string::npos) << line;
}

}  // namespace
}  // namespace joinery::traffic
