#include "lb/dpdk/stats.h"

#include <memory>

#include <gtest/gtest.h>

#include "lb/steer/testing/test_config.h"

namespace joinery::dpdk {
namespace {

IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

class StatsTest : public testing::Test {
 protected:
  StatsTest() {
    const steer::Counters counters;
    const std::array<const steer::Counters*, 1> lcores = {&counters};
    stats_.name = "lb1";
    stats_.uptime = std::chrono::milliseconds(1500);
    stats_.totals = steer::SumCounters(lcores, *snapshot_);
    stats_.totals.rules[static_cast<size_t>(steer::Rule::kToken)] = 7;
    stats_.edge_drops[static_cast<size_t>(EdgeDrop::kNoNeighbour)] = 3;
    stats_.local[static_cast<size_t>(neighbour::Outcome::kAnsweredArp)] = 2;
    stats_.sent = 9;
    stats_.too_big_answers = 5;
    stats_.tables = {0xab};
    stats_.ports = {{"lan", MacAddress{{2, 0, 0, 0, 0, 1}}, {.rx_packets = 12, .tx_packets = 9}}};
    stats_.lcores = {{.cpu = 4, .busy_polls = 1, .empty_polls = 2, .sleeps = 3}};
    stats_.neighbours = {
        {0, Ip("198.18.0.11"), {MacAddress{{2, 0, 0, 0, 0, 0xb}}, neighbour::State::kReachable}},
        {0, Ip("198.18.0.12"), {{}, neighbour::State::kUnreachable}}};
  }

  std::unique_ptr<const steer::Snapshot> snapshot_ =
      steer::testing::BuildOrDie(steer::testing::TestConfig());
  Stats stats_;
};

TEST_F(StatsTest, JsonHasEveryCounter) {
  EXPECT_EQ(ToJson(stats_, *snapshot_),
            R"({"name":"lb1","uptime_s":1.500,"steer":)" +
                steer::CountersToJson(stats_.totals, *snapshot_) +
                R"(,"edge_drops":{"foreign_mac":0,"foreign_vlan":0,"own_frame":0,"scattered":0,)"
                R"("no_neighbour":3,"no_headroom":0,"tx_full":0,"local_full":0,"no_buffer":0},)"
                R"("sent":9,"too_big_answers":5,)"
                R"("local":{"answered_arp":2,"answered_ndp":0,"answered_echo":0,"heard":0,)"
                R"("malformed":0,"conflict":0,"echo_rate":0,"no_buffer":0,"ignored":0},)"
                R"("ports":{"lan":{"mac":"02:00:00:00:00:01","rx_packets":12,"rx_bytes":0,)"
                R"("rx_missed":0,"rx_errors":0,"rx_no_mbuf":0,"tx_packets":9,"tx_bytes":0,)"
                R"("tx_errors":0}},)"
                R"("lcores":[{"cpu":4,"busy_polls":1,"empty_polls":2,"sleeps":3}],)"
                R"("neighbours":[{"port":"lan","address":"198.18.0.11","state":"reachable",)"
                R"("mac":"02:00:00:00:00:0b"},)"
                R"({"port":"lan","address":"198.18.0.12","state":"unreachable"}],)"
                R"("tables":"ab)" +
                std::string(62, '0') + R"(","control":null,"stats_refused":0})");
  stats_.following = follow::Status{};
  EXPECT_NE(ToJson(stats_, *snapshot_).find(R"(,"control":{"announce":"withdraw",)"),
            std::string::npos);
}

TEST_F(StatsTest, TheTableShowsWhatHappened) {
  const std::string table = ToTable(stats_, *snapshot_);
  for (const char* line :
       {"lb1: up 1.5 s, configuration version 1\n",  //
        "  token                               7\n",
        "  hash                                0\n",  // every rule, zero or not
        "  web/b1                      5 up        reachable                 0                0\n",
        "  web/b2                      9 up        unreachable               0                0\n",
        "  lan                                12              9          0          0\n",
        "  no_neighbour                        3\n",  //
        "  answered_arp                        2\n"}) {
    EXPECT_NE(table.find(line), std::string::npos) << line << "is not in\n" << table;
  }
  // A drop that never happened would hide those that did.
  EXPECT_EQ(table.find("tx_full"), std::string::npos);
  EXPECT_EQ(table.find("dropped by decision"), std::string::npos);
}

}  // namespace
}  // namespace joinery::dpdk
