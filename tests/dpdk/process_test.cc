// joinery-lb as a process: signals, reloads, its socket, and what it says when DPDK cannot start.
#include <csignal>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include "tests/dpdk/program.h"
#include "tools/pcap/pcap_file.h"

namespace joinery::testing {
namespace {

using ::testing::HasSubstr;

struct Settings {
  std::string device = "net_null0";
  std::string options = "--no-huge, -m, \"96\"";
  std::string lcores = "0";
  std::string backend_state = "up";
  std::string user = "";
};

std::string Config(const ScratchDirectory& directory, const Settings& settings) {
  return "balancer:\n" + (settings.user.empty() ? "" : "  user: " + settings.user + "\n") +
         "  idle: sleep\n"
         "  lcores: [" +
         settings.lcores +
         "]\n"
         "  eal_options: [" +
         settings.options +
         "]\n"
         "  stats_socket: " +
         (directory / "lb.sock") +
         "\n"
         "  ports:\n"
         "    - {name: lan, device: \"" +
         settings.device +
         "\", addresses: [198.18.0.2/24]}\n"
         "pools:\n"
         "  - name: web\n"
         "    id: 1\n"
         "    handshake: none\n"
         "    hash_secret_file: hash.key\n"
         "    vips: [{address: 198.18.0.100, ports: [80]}]\n"
         "    backends: [{name: b1, id: 1, address: 198.18.0.11, state: " +
         settings.backend_state + "}]\n";
}

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() { WriteKey(directory_ / "hash.key"); }

  std::string Write(const Settings& settings) {
    WriteFile(directory_ / "lb.yaml", Config(directory_, settings));
    return directory_ / "lb.yaml";
  }

  ScratchDirectory directory_;
};

TEST_F(ProcessTest, StopsCleanlyOnEitherSignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Program balancer({"--config", Write({})}, directory_ / "lb.log");
    ASSERT_TRUE(balancer.Says("joinery-lb: ready: lb forwards on lcores 0")) << balancer.Said();
    balancer.Signal(signal);
    EXPECT_EQ(balancer.Wait(), 0) << balancer.Said();
    EXPECT_THAT(balancer.Said(), HasSubstr("configuration version 1"));
  }
}

TEST_F(ProcessTest, ReloadsAGoodConfigurationAndKeepsItAgainstABadOne) {
  Program balancer({"--config", Write({})}, directory_ / "lb.log");
  ASSERT_TRUE(balancer.Says("joinery-lb: ready")) << balancer.Said();

  Write({.backend_state = "draining"});
  balancer.Signal(SIGHUP);
  EXPECT_TRUE(balancer.Says("configuration version 2 is in force")) << balancer.Said();

  WriteFile(directory_ / "lb.yaml", "balancer: {nonsense: 1}\n");
  balancer.Signal(SIGHUP);
  EXPECT_TRUE(balancer.Says("the running configuration (version 2) stays")) << balancer.Said();
  EXPECT_THAT(balancer.Said(), HasSubstr("lb.yaml:1:"));
  EXPECT_THAT(balancer.Said(), HasSubstr("nonsense"));

  Write({.lcores = "0, 1"});
  balancer.Signal(SIGHUP);
  EXPECT_TRUE(balancer.Says("balancer.lcores: [0] cannot become [0, 1] while running"))
      << balancer.Said();

  const Outcome stats = RunToEnd({"--stats", directory_ / "lb.sock"}, directory_);
  EXPECT_THAT(stats.said, HasSubstr(R"("version":2)"));
  EXPECT_THAT(stats.said, HasSubstr(R"("state":"draining")"));
  balancer.Signal(SIGTERM);
  EXPECT_EQ(balancer.Wait(), 0);
}

TEST_F(ProcessTest, ItsSocketIsItsOwnersAndIsNeverTakenFromIt) {
  Program balancer({"--config", Write({})}, directory_ / "lb.log");
  ASSERT_TRUE(balancer.Says("joinery-lb: ready")) << balancer.Said();
  struct stat status {};
  ASSERT_EQ(stat((directory_ / "lb.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);

  const Outcome second = RunToEnd({"--config", Write({})}, directory_);
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.said, HasSubstr("belongs to a running balancer"));

  // A balancer that was killed leaves its socket behind; the next one takes it over.
  balancer.Signal(SIGKILL);
  EXPECT_EQ(balancer.Wait(), -1);
  Program next({"--config", Write({})}, directory_ / "next.log");
  EXPECT_TRUE(next.Says("joinery-lb: ready")) << next.Said();
}

TEST_F(ProcessTest, ChecksAConfigurationWithoutStarting) {
  const Outcome good = RunToEnd({"--check", Write({})}, directory_);
  EXPECT_EQ(good.status, 0);
  EXPECT_THAT(good.said, HasSubstr("valid: 1 pool, 1 backend"));
  const Outcome bad = RunToEnd({"--check", Write({.lcores = "0, 0"})}, directory_);
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.said, HasSubstr("lb.yaml:3:"));
  EXPECT_EQ(RunToEnd({"--config", directory_ / "none.yaml"}, directory_).status, 1);
}

TEST_F(ProcessTest, WantsAQueueForEachLcore) {
  ASSERT_TRUE(pcap::WriteFrames(directory_ / "in.pcap", {}));
  const std::string device = "net_pcap0,rx_pcap=" + (directory_ / "in.pcap");
  const Outcome outcome =
      RunToEnd({"--config", Write({.device = device, .lcores = "0, 1"})}, directory_);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.said, HasSubstr("2 lcores need 2 queues, the device has 1"));
}

struct FailureCase {
  const char* name;
  Settings settings;
  std::vector<std::string> says;
};

class FailureTest : public ProcessTest, public ::testing::WithParamInterface<FailureCase> {};

TEST_P(FailureTest, SaysWhatIsMissing) {
  const Outcome outcome = RunToEnd({"--config", Write(GetParam().settings)}, directory_);
  EXPECT_EQ(outcome.status, 1);
  for (const std::string& text : GetParam().says) EXPECT_THAT(outcome.said, HasSubstr(text));
}

INSTANTIATE_TEST_SUITE_P(
    Starts, FailureTest,
    ::testing::Values(
        FailureCase{.name = "NoSuchInterface",
                    .settings = {.device = "net_af_packet0,iface=nonesuch"},
                    .says = {"port lan: DPDK has no device net_af_packet0,iface=nonesuch",
                             "there is no interface nonesuch in this network namespace",
                             "DPDK's own last lines"}},
        FailureCase{.name = "NoSuchDriver",
                    .settings = {.device = "net_nonesuch0"},
                    .says = {"net_nonesuch0 names no driver that DPDK has"}},
        FailureCase{.name = "NoSuchCapture",
                    .settings = {.device = "net_pcap0,rx_pcap=/nonesuch.pcap"},
                    .says = {"/nonesuch.pcap: No such file or directory"}},
        FailureCase{.name = "NoSuchEalOption",
                    .settings = {.options = "--no-huge, --nonesuch"},
                    .says = {"balancer.eal_options: DPDK does not accept --no-huge --nonesuch"}},
        FailureCase{.name = "TooLittleMemory",
                    .settings = {.options = "--no-huge, -m, \"1\""},
                    .says = {"the memory given is too little: raise the number after"}},
        FailureCase{.name = "NoSuchUser",
                    .settings = {.user = "nonesuch"},
                    .says = {"balancer.user: there is no user nonesuch"}},
        FailureCase{.name = "NoSuchCpu",
                    .settings = {.lcores = "0, 99"},
                    .says = {"balancer.lcores: CPU 99 is not one that this process may use"}}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace joinery::testing
