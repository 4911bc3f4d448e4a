#include "lb/dpdk/metrics.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "lb/steer/testing/test_config.h"

namespace joinery::dpdk {
namespace {

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    const steer::Counters counters;
    const std::array<const steer::Counters*, 1> lcores = {&counters};
    stats_.totals = steer::SumCounters(lcores, *snapshot_);
    stats_.totals.rules[static_cast<size_t>(steer::Rule::kToken)] = 7;
    stats_.totals.backends[0] = {.packets = 3, .bytes = 180};
    stats_.ports = {{"lan", {}, {.rx_packets = 12}}};
    stats_.lcores = {{.cpu = 4, .busy_polls = 1, .empty_polls = 2}};
    stats_.tables = {0, 0, 0, 0, 1, 0, 9, 9};
  }
  [[nodiscard]] bool Has(const std::string& line) const {
    const std::string text = "\n" + ToPrometheus(stats_, *snapshot_);
    return text.find("\n" + line + "\n") != std::string::npos;
  }

  std::unique_ptr<const steer::Snapshot> snapshot_ =
      steer::testing::BuildOrDie(steer::testing::TestConfig(), 5);
  Stats stats_;
};

TEST_F(MetricsTest, NamesAreThoseOfTheLists) {
  for (const char* line :
       {"joinery_lb_configuration_version 5", "# TYPE joinery_lb_rule_packets_total counter",
        "joinery_lb_rule_packets_total{rule=\"token\"} 7",
        "joinery_lb_drops_total{reason=\"join_rate\"} 0",
        "joinery_lb_notes_total{note=\"join_unroutable\"} 0",
        "joinery_lb_edge_drops_total{reason=\"no_neighbour\"} 0",
        "joinery_lb_local_total{outcome=\"answered_arp\"} 0",
        "joinery_lb_pool_packets_total{pool=\"web\",rule=\"hash\"} 0",
        "joinery_lb_backend_packets_total{pool=\"web\",backend=\"b1\"} 3",
        "joinery_lb_backend_bytes_total{pool=\"web\",backend=\"b1\"} 180",
        "joinery_lb_backend_state{pool=\"api\",backend=\"a2\",state=\"up\"} 1",
        "joinery_lb_backend_state{pool=\"api\",backend=\"a2\",state=\"failed\"} 0",
        "joinery_lb_backend_weight{pool=\"api\",backend=\"a2\"} 1",
        "joinery_lb_port_rx_packets_total{port=\"lan\"} 12",
        "joinery_lb_lcore_polls_total{cpu=\"4\",found=\"packets\"} 1",
        "joinery_lb_neighbours{usable=\"no\"} 0", "joinery_lb_tables_digest 256"}) {
    EXPECT_TRUE(Has(line)) << line << "\nis not in\n" << ToPrometheus(stats_, *snapshot_);
  }
}

TEST_F(MetricsTest, FollowingIsThereForWhoFollows) {
  EXPECT_EQ(ToPrometheus(stats_, *snapshot_).find("joinery_lb_lease"), std::string::npos);
  stats_.following = follow::Status{.announce = follow::Announce::kLower,
                                    .connected = true,
                                    .lease_left = std::chrono::milliseconds(1500),
                                    .scheme = {.at = {3, 41}, .digest = {}},
                                    .load = {3, 97},
                                    .rejected = api::Rejection{}};
  for (const char* line :
       {"joinery_lb_announce{preference=\"normal\"} 0",
        "joinery_lb_announce{preference=\"lower\"} 1", "joinery_lb_control_connected 1",
        "joinery_lb_lease 1", "joinery_lb_lease_left_seconds 1.5", "joinery_lb_behind 0",
        "joinery_lb_view_refused 1", "joinery_lb_view_epoch{part=\"scheme\"} 3",
        "joinery_lb_view_version{part=\"load\"} 97"}) {
    EXPECT_TRUE(Has(line)) << line << "\nis not in\n" << ToPrometheus(stats_, *snapshot_);
  }
}

// How many series there are is the operator's doing alone.
TEST_F(MetricsTest, SeriesDoNotGrowWithTraffic) {
  const auto lines = [this] {
    const std::string text = ToPrometheus(stats_, *snapshot_);
    return std::ranges::count(text, '\n');
  };
  const auto before = lines();
  for (uint64_t& drop : stats_.totals.drops) drop = 1'000'000;
  for (auto& backend : stats_.totals.backends) backend.packets = 1'000'000;
  stats_.sent = 1'000'000;
  EXPECT_EQ(lines(), before);
}

}  // namespace
}  // namespace joinery::dpdk
