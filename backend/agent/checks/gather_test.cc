#include "backend/agent/checks/gather.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

TEST(SysctlPath, LeavesTheDotsOfAnInterface) {
  EXPECT_EQ(SysctlPath("net.mptcp.enabled"), "net/mptcp/enabled");
  EXPECT_EQ(SysctlPath("net.ipv4.conf.eth0.rp_filter"), "net/ipv4/conf/eth0/rp_filter");
  EXPECT_EQ(SysctlPath("net.ipv4.conf.eth0.100.rp_filter"), "net/ipv4/conf/eth0.100/rp_filter");
}

TEST(ReadSysctls, ReadsWhatThereIs) {
  const std::string root = testing::TempDir() + "/proc_sys";
  const auto write = [&root](const std::string& path, const std::string& value) {
    std::filesystem::create_directories(std::filesystem::path(root + "/" + path).parent_path());
    std::ofstream(root + "/" + path) << value << "\n";
  };
  write("net/mptcp/enabled", "1");
  write("net/ipv4/conf/all/rp_filter", "0");
  write("net/ipv4/conf/eth0.100/rp_filter", "2");
  const auto sysctls = ReadSysctls(root, {"eth0.100"});
  EXPECT_EQ(sysctls,
            (std::map<std::string, std::string>{{"net.mptcp.enabled", "1"},
                                                {"net.ipv4.conf.all.rp_filter", "0"},
                                                {"net.ipv4.conf.eth0.100.rp_filter", "2"}}));
}

// This machine has at least a loopback interface, MPTCP and its own sysctls.
TEST(Gather, FindsOutWhatIsHere) {
  const Facts facts = Gather();
  EXPECT_TRUE(facts.trouble.empty()) << facts.trouble.front();
  const auto lo = std::ranges::find(facts.interfaces, "lo", &InterfaceFacts::name);
  ASSERT_NE(lo, facts.interfaces.end());
  EXPECT_TRUE(lo->loopback);
  EXPECT_GE(lo->mtu, 1500U);
  EXPECT_FALSE(lo->tunnel);
  EXPECT_EQ(facts.sysctls.count("net.mptcp.enabled"), 1U);
  EXPECT_EQ(facts.sysctls.count("net.ipv4.conf.lo.rp_filter"), 1U);
  EXPECT_TRUE(facts.limits);
}

}  // namespace
}  // namespace joinery::agent
