#include "lb/dpdk/eal_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

settings::Balancer BalancerWith(std::vector<std::string> devices, std::vector<uint16_t> lcores,
                                std::vector<std::string> eal_options = {}) {
  settings::Balancer balancer;
  balancer.lcores = std::move(lcores);
  balancer.eal_options = std::move(eal_options);
  for (std::string& device : devices) {
    balancer.ports.push_back(
        {.name = "p", .device = std::move(device), .addresses = {}, .gateways = {}});
  }
  return balancer;
}

TEST(EalArgumentsTest, VirtualDevicesWithoutHugepages) {
  EXPECT_THAT(
      EalArguments(BalancerWith({"net_af_packet0,iface=eth0"}, {1}, {"--no-huge", "-m", "512"}),
                   "joinery-7"),
      ElementsAre("joinery-lb", "-l", "1", "--main-lcore", "1", "--no-telemetry",
                  "--file-prefix=joinery-7", "--no-shconf", "--vdev=net_af_packet0,iface=eth0",
                  "--no-pci", "--no-huge", "-m", "512"));
}

TEST(EalArgumentsTest, PciDevicesOnHugepages) {
  EXPECT_THAT(EalArguments(BalancerWith({"0000:01:00.0", "0000:01:00.1"}, {4, 2}), "joinery-7"),
              ElementsAre("joinery-lb", "-l", "4,2", "--main-lcore", "4", "--no-telemetry",
                          "--file-prefix=joinery-7", "--in-memory", "--allow=0000:01:00.0",
                          "--allow=0000:01:00.1"));
}

TEST(EalArgumentsTest, PciIsLookedAtWhenOnePortIsOnIt) {
  EXPECT_THAT(EalArguments(BalancerWith({"net_null0", "0000:01:00.0"}, {0}), "joinery-7"),
              Not(Contains("--no-pci")));
}

TEST(EalArgumentsTest, PciIsLookedAtForABondsMembers) {
  EXPECT_THAT(EalArguments(BalancerWith({"net_bonding0,mode=1,slave=0000:01:00.0"}, {0},
                                        {"-a", "0000:01:00.0"}),
                           "joinery-7"),
              Not(Contains("--no-pci")));
}

struct DeviceCase {
  const char* name;
  const char* device;
  bool is_virtual;
  const char* device_name;
  const char* interface;
  const char* with_two_queues;
};

class DeviceTest : public testing::TestWithParam<DeviceCase> {};

TEST_P(DeviceTest, IsTakenApart) {
  const DeviceCase& row = GetParam();
  EXPECT_EQ(IsVirtualDevice(row.device), row.is_virtual);
  EXPECT_EQ(DeviceName(row.device), row.device_name);
  EXPECT_EQ(DeviceArgument(row.device, "iface"), row.interface);
  EXPECT_EQ(WithQueues(row.device, 2), row.with_two_queues);
  EXPECT_EQ(WithQueues(row.device, 1), row.device);
}

INSTANTIATE_TEST_SUITE_P(
    Devices, DeviceTest,
    testing::Values(DeviceCase{.name = "AfPacket",
                               .device = "net_af_packet0,iface=eth0",
                               .is_virtual = true,
                               .device_name = "net_af_packet0",
                               .interface = "eth0",
                               .with_two_queues = "net_af_packet0,iface=eth0,qpairs=2"},
                    DeviceCase{.name = "AfPacketWithQueuesOfItsOwn",
                               .device = "net_af_packet1,qpairs=4,iface=eth0",
                               .is_virtual = true,
                               .device_name = "net_af_packet1",
                               .interface = "eth0",
                               .with_two_queues = "net_af_packet1,qpairs=4,iface=eth0"},
                    DeviceCase{.name = "AfXdp",
                               .device = "net_af_xdp0,iface=eth0",
                               .is_virtual = true,
                               .device_name = "net_af_xdp0",
                               .interface = "eth0",
                               .with_two_queues = "net_af_xdp0,iface=eth0,queue_count=2"},
                    DeviceCase{.name = "NoArguments",
                               .device = "net_null0",
                               .is_virtual = true,
                               .device_name = "net_null0",
                               .interface = "",
                               .with_two_queues = "net_null0"},
                    DeviceCase{.name = "PciWithArguments",
                               .device = "0000:01:00.0,rx_vec_en=1",
                               .is_virtual = false,
                               .device_name = "0000:01:00.0",
                               .interface = "",
                               .with_two_queues = "0000:01:00.0,rx_vec_en=1"},
                    DeviceCase{.name = "BusWithColon",
                               .device = "auxiliary:mlx5_core.sf.4",
                               .is_virtual = false,
                               .device_name = "auxiliary:mlx5_core.sf.4",
                               .interface = "",
                               .with_two_queues = "auxiliary:mlx5_core.sf.4"}),
    [](const auto& row) { return row.param.name; });

struct PciCase {
  const char* name;
  std::string device;
  std::vector<std::string> eal_options = {};
  bool needs_pci = false;
};

class PciTest : public testing::TestWithParam<PciCase> {};

TEST_P(PciTest, IsNeededForPortsAndForMembersOfBonds) {
  settings::Balancer balancer;
  balancer.eal_options = GetParam().eal_options;
  balancer.ports.push_back(
      {.name = "p", .device = GetParam().device, .addresses = {}, .gateways = {}});
  EXPECT_EQ(NeedsPci(balancer), GetParam().needs_pci);
}

INSTANTIATE_TEST_SUITE_P(
    Devices, PciTest,
    testing::Values(PciCase{.name = "Virtual", .device = "net_null0"},
                    PciCase{.name = "Pci", .device = "0000:01:00.0", .needs_pci = true},
                    PciCase{.name = "VirtualBond",
                            .device = "net_bonding0,mode=1,slave=net_null0",
                            .eal_options = {"--vdev=net_null0"}},
                    PciCase{.name = "BondOfNics",
                            .device = "net_bonding0,mode=4,slave=0000:01:00.0",
                            .eal_options = {"--allow=0000:01:00.0"},
                            .needs_pci = true}),
    [](const auto& row) { return row.param.name; });

TEST(EalArguments, MembersOfABondHaveAsManyQueuesAsTheBond) {
  settings::Balancer balancer;
  balancer.lcores = {0, 1};
  balancer.eal_options = {"--no-huge", "--vdev=net_af_packet0,iface=eth0"};
  balancer.ports.push_back({.name = "p",
                            .device = "net_bonding0,mode=1,slave=net_af_packet0",
                            .addresses = {},
                            .gateways = {}});
  EXPECT_EQ(EalArguments(balancer, "x").back(), "--vdev=net_af_packet0,iface=eth0,qpairs=2");
}

}  // namespace
}  // namespace joinery::dpdk
