#include "lb/dpdk/diagnosis.h"

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

struct Case {
  const char* name;
  const char* device = "net_null0";
  std::vector<std::string> eal_options = {"--no-huge", "-m", "512"};
  std::vector<uint16_t> lcores = {0};
  HostFacts host = {};
  DeviceFacts facts = {};
  std::vector<std::string> log = {};
  std::vector<std::string> advice = {};
};

class DiagnosisTest : public testing::TestWithParam<Case> {};

TEST_P(DiagnosisTest, SaysWhatIsMissingAndHowToMendIt) {
  const Case& row = GetParam();
  settings::Balancer balancer;
  balancer.eal_options = row.eal_options;
  balancer.lcores = row.lcores;
  balancer.ports.push_back({.name = "p0", .device = row.device, .addresses = {}, .gateways = {}});
  HostFacts host = row.host;
  host.cpus = {0, 1};
  host.interfaces = {"lo", "eth0"};
  host.devices = {row.facts};
  EXPECT_EQ(Diagnose(balancer, host, row.log), row.advice);
}

INSTANTIATE_TEST_SUITE_P(
    Failures, DiagnosisTest,
    testing::Values(
        Case{.name = "NothingIsKnown"},
        Case{.name = "NoHugepages",
             .eal_options = {},
             .advice = {"there are no free hugepages: reserve some (sysctl -w "
                        "vm.nr_hugepages=512), or go without by adding \"--no-huge\", \"-m\", "
                        "\"512\" to balancer.eal_options"}},
        Case{.name = "TooLittleMemory",
             .log = {"EAL: Cannot allocate memory"},
             .advice = {"the memory given is too little: raise the number after \"-m\" (MiB) in "
                        "balancer.eal_options"}},
        Case{.name = "TooFewHugepages",
             .eal_options = {},
             .host = {.free_hugepages = 3},
             .log = {"EAL: Not enough memory available"},
             .advice = {"the memory given is too little: reserve more hugepages (sysctl "
                        "vm.nr_hugepages)"}},
        Case{.name = "NoSuchCpu",
             .lcores = {1, 7},
             .advice = {"balancer.lcores: CPU 7 is not one that this process may use (0, 1)"}},
        Case{.name = "NoSuchInterface",
             .device = "net_af_packet0,iface=eth9",
             .facts = {.exists = false},
             .advice = {"balancer.ports[p0].device: there is no interface eth9 in this network "
                        "namespace; it has lo, eth0"}},
        Case{.name = "NoInterfaceNamed",
             .device = "net_af_packet0",
             .advice = {"balancer.ports[p0].device: net_af_packet0 needs an interface: "
                        "net_af_packet0,iface=NAME"}},
        Case{.name = "AfPacketNeedsACapability",
             .device = "net_af_packet0,iface=eth0",
             .host = {.net_raw = false, .net_admin = false},
             .advice =
                 {"balancer.ports[p0].device: net_af_packet0 needs CAP_NET_RAW: run as root, or "
                  "setcap cap_net_raw,cap_net_admin+ep joinery-lb"}},
        Case{.name = "TapNeedsACapability",
             .device = "net_tap0,iface=jt0",
             .host = {.net_raw = false, .net_admin = false},
             .advice = {"balancer.ports[p0].device: net_tap0 needs CAP_NET_ADMIN: run as root, or "
                        "setcap cap_net_raw,cap_net_admin+ep joinery-lb"}},
        Case{.name = "UnknownDriver",
             .device = "net_foo0",
             .log = {"EAL: failed to parse device \"net_foo0\"",
                     "EAL: Unable to parse device 'net_foo0'"},
             .advice = {"balancer.ports[p0].device: net_foo0 names no driver that DPDK has; for an "
                        "interface of the kernel write net_af_packet0,iface=NAME"}},
        Case{.name = "NoSuchPciDevice",
             .device = "0000:99:00.0",
             .facts = {.exists = false},
             .advice = {"balancer.ports[p0].device: there is no PCI device 0000:99:00.0; "
                        "dpdk-devbind.py --status lists those here"}},
        Case{.name = "TheKernelHoldsThePciDevice",
             .device = "0000:01:00.0",
             .facts = {.driver = "ixgbe"},
             .advice =
                 {"balancer.ports[p0].device: the kernel's driver ixgbe holds 0000:01:00.0: take "
                  "it away with dpdk-devbind.py --bind=vfio-pci 0000:01:00.0 (the interface "
                  "then vanishes from the kernel)"}},
        Case{.name = "NobodyHoldsThePciDevice",
             .device = "0000:01:00.0",
             .advice = {"balancer.ports[p0].device: no driver is bound to 0000:01:00.0: modprobe "
                        "vfio-pci && dpdk-devbind.py --bind=vfio-pci 0000:01:00.0"}},
        Case{.name = "MellanoxStaysWithTheKernel",
             .device = "0000:01:00.0",
             .facts = {.driver = "mlx5_core"}},
        Case{.name = "WrongEalOption",
             .eal_options = {"--no-huge", "--bogus"},
             .log = {"EAL: Invalid 'command line' arguments."},
             .advice = {"balancer.eal_options: DPDK does not accept --no-huge --bogus"}}),
    [](const auto& row) { return row.param.name; });

TEST(ExplainFailureTest, HasTheAdviceAndTheLog) {
  const std::vector<std::string> advice = {"buy a NIC"};
  const std::vector<std::string> log = {"EAL: a", "EAL: b"};
  EXPECT_EQ(ExplainFailure("DPDK cannot start", advice, log),
            "DPDK cannot start\n"
            "  buy a NIC\n"
            "  DPDK's own last lines:\n"
            "    EAL: a\n"
            "    EAL: b");
  EXPECT_EQ(ExplainFailure("DPDK cannot start", {}, {}), "DPDK cannot start");
}

}  // namespace
}  // namespace joinery::dpdk
