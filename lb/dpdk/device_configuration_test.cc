#include "lb/dpdk/device_configuration.h"

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

constexpr uint64_t kStrip = RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
constexpr uint64_t kInsert = RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
constexpr uint64_t kFastFree = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
constexpr uint64_t kTcpOverBoth = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP;

struct Offers {
  uint64_t rss = 0;
  uint64_t rx = 0;
  uint64_t tx = 0;
};
constexpr Offers kEverything = {.rss = ~uint64_t{0}, .rx = ~uint64_t{0}, .tx = ~uint64_t{0}};

struct Case {
  const char* name;
  Offers offers = {};
  Wishes wishes = {};
  Offers asked = {};
};

class ConfigurationTest : public testing::TestWithParam<Case> {};

TEST_P(ConfigurationTest, AsksForWhatIsWantedAndOffered) {
  const Case& row = GetParam();
  rte_eth_dev_info info{};
  info.flow_type_rss_offloads = row.offers.rss;
  info.rx_offload_capa = row.offers.rx;
  info.tx_offload_capa = row.offers.tx;
  const rte_eth_conf conf = ConfigurationFor(info, row.wishes);
  EXPECT_EQ(conf.rx_adv_conf.rss_conf.rss_hf, row.asked.rss);
  EXPECT_EQ(conf.rxmode.mq_mode, row.asked.rss == 0 ? RTE_ETH_MQ_RX_NONE : RTE_ETH_MQ_RX_RSS);
  EXPECT_EQ(conf.rxmode.offloads, row.asked.rx);
  EXPECT_EQ(conf.txmode.offloads, row.asked.tx);
}

INSTANTIATE_TEST_SUITE_P(Devices, ConfigurationTest,
                         testing::Values(Case{.name = "NothingWanted", .offers = kEverything},
                                         Case{.name = "NothingOffered",
                                              .wishes = {.queues = 4, .vlan = 7, .one_pool = true}},
                                         Case{.name = "FlowsOverTwoQueues",
                                              .offers = {.rss = RTE_ETH_RSS_IPV4 | kTcpOverBoth |
                                                                RTE_ETH_RSS_L2_PAYLOAD},
                                              .wishes = {.queues = 2},
                                              .asked = {.rss = RTE_ETH_RSS_IPV4 | kTcpOverBoth}},
                                         Case{.name = "TheVlansTag",
                                              .offers = kEverything,
                                              .wishes = {.vlan = 7},
                                              .asked = {.rx = kStrip, .tx = kInsert}},
                                         Case{.name = "TheVlansTagOneWay",
                                              .offers = {.tx = kInsert},
                                              .wishes = {.vlan = 7},
                                              .asked = {.tx = kInsert}},
                                         Case{.name = "OnePool",
                                              .offers = kEverything,
                                              .wishes = {.one_pool = true},
                                              .asked = {.tx = kFastFree}}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace joinery::dpdk
