#include "backend/agent/config/load_agent.h"

#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "backend/agent/config/agent_config.h"
#include "backend/agent/config/agent_keys.h"
#include "settings/golden.h"

namespace joinery::agent {
namespace {

constexpr char kExample[] = "configs/agent.example.yaml";
constexpr char kPage[] = "backend/agent/README.md";
constexpr char kMark[] =
    "<!-- What follows is made from config/agent_keys.cc: bazel run "
    "//backend/agent/config:load_agent_test -- --rewrite -->\n\n";

std::string Messages(std::string_view text) {
  const auto config = LoadAgentText("a.yaml", text);
  std::string all;
  if (config) return all;
  for (const auto& diagnostic : config.error()) all += ToString(diagnostic) + "\n";
  return all;
}

TEST(LoadAgent, TakesTheExample) {
  const auto config = LoadAgentFile(kExample);
  ASSERT_TRUE(config) << ToString(config.error().front());
  EXPECT_EQ(config->pool, "web");
  EXPECT_EQ(config->control.address, "control.example:7443");
  EXPECT_FALSE(config->stacks.users.empty());
  EXPECT_EQ(config->metrics, AgentConfig{}.metrics);
  std::ostringstream out;
  EXPECT_TRUE(CheckAgentFile(kExample, out));
  EXPECT_EQ(out.str(), std::string(kExample) + ": valid\n");
}

TEST(LoadAgent, ReadsEveryKey) {
  const auto config = LoadAgentText("a.yaml", R"(
agent: {pool: web, backend: web1, state_dir: /s, status_socket: /t, log: json, metrics: off,
        report_s: 7, encoder: kernel, module: /m.ko}
control: {address: "c:1", tls: {ca: /ca, certificate: /cert, key: /key}}
stacks: {socket: /stacks, users: [www-data, "33"], quota: 5}
checks: {every_s: 9, min_mtu: 1400, fastopen_key_file: /f, fix: [mptcp, vips], ignore: [mtu]}
)");
  ASSERT_TRUE(config) << ToString(config.error().front());
  EXPECT_EQ(config->pool, "web");
  EXPECT_EQ(config->backend, "web1");
  EXPECT_EQ(config->state_dir, "/s");
  EXPECT_EQ(config->status_socket, "/t");
  EXPECT_EQ(config->log, settings::Log::kJson);
  EXPECT_FALSE(config->metrics);
  EXPECT_EQ(config->report_s, 7U);
  EXPECT_EQ(config->encoder, Encoder::kKernel);
  EXPECT_EQ(config->module, "/m.ko");
  EXPECT_EQ(config->control.address, "c:1");
  EXPECT_EQ(config->control.ca, "/ca");
  EXPECT_EQ(config->control.certificate, "/cert");
  EXPECT_EQ(config->control.key, "/key");
  EXPECT_EQ(config->stacks.socket, "/stacks");
  EXPECT_EQ(config->stacks.users, (std::vector<std::string>{"www-data", "33"}));
  EXPECT_EQ(config->stacks.quota, 5U);
  EXPECT_EQ(config->checks.every_s, 9U);
  EXPECT_EQ(config->checks.min_mtu, 1400U);
  EXPECT_EQ(config->checks.fastopen_key_file, "/f");
  EXPECT_EQ(config->checks.fix, (std::set<Check>{Check::kMptcp, Check::kVips}));
  EXPECT_EQ(config->checks.ignore, std::set<Check>{Check::kMtu});
}

TEST(LoadAgent, NeedsNothingButControl) {
  const auto config = LoadAgentText("a.yaml", "control: {unix: /run/c.sock}");
  ASSERT_TRUE(config) << ToString(config.error().front());
  EXPECT_EQ(config->control.unix, "/run/c.sock");
  EXPECT_TRUE(config->stacks.socket.empty());
}

TEST(LoadAgent, SaysWhatIsWrong) {
  struct Row {
    const char* name;
    const char* text;
    const char* said;
  };
  const Row rows[] = {
      {.name = "no control", .text = "agent: {pool: web}", .said = "control: missing"},
      {.name = "nowhere", .text = "control: {}", .said = "control.unix: missing, and address too"},
      {.name = "two places",
       .text = "control: {unix: /c, address: c:1}",
       .said = "control.address: given beside unix"},
      {.name = "TLS on a Unix socket",
       .text = "control: {unix: /c, tls: {ca: /a, certificate: /b, key: /c}}",
       .said = "control.tls: a Unix socket has none"},
      {.name = "no TLS", .text = "control: {address: c:1}", .said = "control.tls: missing"},
      {.name = "a relative path", .text = "control: {unix: c}", .said = "not an absolute path"},
      {.name = "a misspelt key",
       .text = "control: {unix: /c}\nagent: {report: 1}",
       .said = "did you mean report_s"},
      {.name = "an unknown check",
       .text = "control: {unix: /c}\nchecks: {fix: [rpfilter]}",
       .said = "did you mean rp_filter"},
      {.name = "a check twice",
       .text = "control: {unix: /c}\nchecks: {fix: [mtu, mtu]}",
       .said = "named twice"},
      {.name = "fixed and ignored",
       .text = "control: {unix: /c}\nchecks: {fix: [vips], ignore: [vips]}",
       .said = "vips is ignored too"},
      {.name = "no users",
       .text = "control: {unix: /c}\nstacks: {socket: /s, users: []}",
       .said = "an empty list"},
      {.name = "a module that nobody loads",
       .text = "control: {unix: /c}\nagent: {encoder: none, module: /m}",
       .said = "beside encoder: none"},
      {.name = "too often",
       .text = "control: {unix: /c}\nagent: {report_s: 0}",
       .said = "0 is too small; allowed 1..60"},
      {.name = "no YAML", .text = "control: {", .said = "a.yaml:1"},
  };
  for (const Row& row : rows) {
    const std::string messages = Messages(row.text);
    EXPECT_NE(messages.find(row.said), std::string::npos) << row.name << ": " << messages;
  }
}

TEST(LoadAgent, CountsErrors) {
  std::ostringstream out;
  EXPECT_FALSE(CheckAgentFile("/nowhere/a.yaml", out));
  EXPECT_NE(out.str().find("/nowhere/a.yaml: 1 error\n"), std::string::npos) << out.str();
}

// The page is written by hand down to the mark, and below it made from the keys.
TEST(AgentKeys, PageHoldsTheTables) {
  const std::string page = settings::ReadSource(kPage);
  const size_t mark = page.find(kMark);
  ASSERT_NE(mark, std::string::npos) << kPage << " has lost its mark";
  settings::ExpectGolden(kPage, page.substr(0, mark) + kMark + ReferenceTables());
}

}  // namespace
}  // namespace joinery::agent
