// What needs no privilege.
#include "backend/agent/checks/put_right.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

TEST(PutSysctl, WritesTheValue) {
  const std::string root = testing::TempDir() + "/proc_sys_write";
  std::filesystem::create_directories(root + "/net/mptcp");
  std::ofstream(root + "/net/mptcp/enabled") << "0\n";
  ASSERT_TRUE(PutSysctl(root, {.name = "net.mptcp.enabled", .value = "1"}));
  std::string line;
  std::getline(std::ifstream(root + "/net/mptcp/enabled"), line);
  EXPECT_EQ(line, "1");
}

TEST(PutSysctl, NamesWhatIsMissingAndNoValue) {
  const auto written =
      PutSysctl("/nowhere", {.name = "net.ipv4.tcp_fastopen_key", .value = "secret"});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, "net.ipv4.tcp_fastopen_key: No such file or directory");
}

}  // namespace
}  // namespace joinery::agent
