// What can be said without being root and without DPDK; tests/dpdk/netns_user_test.py shows the
// change itself.
#include "lb/dpdk/privileges.h"

#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <linux/capability.h>

namespace joinery::dpdk {
namespace {

constexpr Capabilities kAdmin = Capabilities{1} << CAP_NET_ADMIN;
constexpr Capabilities kRaw = Capabilities{1} << CAP_NET_RAW;

TEST(Privileges, AUserThatIsNotThereIsNamed) {
  const auto user = FindUser("nonesuch");
  ASSERT_FALSE(user);
  EXPECT_EQ(
      user.error().message,
      "balancer.user: there is no user nonesuch; adduser --system --group nonesuch makes one");
}

TEST(Privileges, RootMayBecomeAnybodyOthersOnlyThemselves) {
  const auto user = FindUser("daemon");  // in every Debian, as number 1
  if (geteuid() <= 1) {
    ASSERT_TRUE(user) << user.error().message;
    EXPECT_EQ(user->uid, 1U);
  } else {
    ASSERT_FALSE(user);
    EXPECT_NE(user.error().message.find("only root can become daemon"), std::string::npos);
  }
}

struct Case {
  const char* name;
  std::vector<std::string> drivers;
  Capabilities needed = 0;
};

class NeededWhileRunningTest : public testing::TestWithParam<Case> {};

TEST_P(NeededWhileRunningTest, IsTheUnionOfWhatTheDriversNeed) {
  EXPECT_EQ(NeededWhileRunning(GetParam().drivers), GetParam().needed);
}

INSTANTIATE_TEST_SUITE_P(
    Drivers, NeededWhileRunningTest,
    testing::Values(
        Case{.name = "None", .drivers = {}},
        Case{.name = "PacketSockets", .drivers = {"net_af_packet", "net_pcap"}},
        Case{.name = "Vfio", .drivers = {"net_ixgbe", "net_i40e", "net_ice"}},
        Case{.name = "Bond", .drivers = {"net_bonding"}, .needed = kAdmin},
        Case{.name = "Xdp", .drivers = {"net_af_xdp"}, .needed = kAdmin},
        Case{.name = "Mellanox", .drivers = {"net_pcap", "mlx5_pci"}, .needed = kAdmin | kRaw}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace joinery::dpdk
