// configs/control.example.yaml is valid and writes the defaults out.
#include <gtest/gtest.h>

#include "settings/load_control.h"

namespace joinery::settings {
namespace {

TEST(ControlExample, ShowsTheDefaults) {
  const auto config = LoadControlFile("configs/control.example.yaml");
  ASSERT_TRUE(config) << ToString(config.error().front());
  const ControlDaemon& shown = config->control;
  const ControlDaemon model;
  EXPECT_EQ(shown.name, model.name);
  EXPECT_EQ(shown.admin_socket, model.admin_socket);
  EXPECT_EQ(shown.state_file, model.state_file);
  EXPECT_EQ(shown.audit_log, model.audit_log);
  EXPECT_EQ(shown.log_level, model.log_level);
  EXPECT_EQ(shown.log_format, model.log_format);
  EXPECT_EQ(shown.metrics, model.metrics);
  EXPECT_EQ(shown.lb_quorum, model.lb_quorum);
  EXPECT_EQ(shown.lease_s, model.lease_s);
  EXPECT_EQ(shown.retire_hold_s, model.retire_hold_s);
  EXPECT_EQ(shown.drain_max_h, model.drain_max_h);
  EXPECT_EQ(shown.quarantine_h, model.quarantine_h);
  const ControlPool pool;
  ASSERT_EQ(config->pools.size(), 1U);
  EXPECT_EQ(config->pools[0].max_backends, pool.max_backends);
  EXPECT_EQ(config->pools[0].handshake, pool.handshake);
  EXPECT_EQ(config->pools[0].algorithm, pool.algorithm);
  EXPECT_EQ(config->pools[0].generation_bits, pool.generation_bits);
  EXPECT_EQ(config->pools[0].table_size, pool.table_size);
  EXPECT_EQ(config->pools[0].join_rate, pool.join_rate);
}

TEST(ControlExample, ShowsTheDefaultsOfChecks) {
  const auto config = LoadControlFile("configs/control.example.yaml");
  ASSERT_TRUE(config) << ToString(config.error().front());
  ASSERT_TRUE(config->control.health);
  EXPECT_EQ(config->control.health->device, ControlHealth().device);
  const std::optional<PoolHealth>& shown = config->pools[0].health;
  ASSERT_TRUE(shown);
  const PoolHealth model;
  EXPECT_EQ(shown->interval_ms, model.interval_ms);
  EXPECT_EQ(shown->timeout_ms, model.timeout_ms);
  EXPECT_EQ(shown->jitter_percent, model.jitter_percent);
  EXPECT_EQ(shown->rise, model.rise);
  EXPECT_EQ(shown->fall, model.fall);
  EXPECT_EQ(shown->damping_s, model.damping_s);
  EXPECT_EQ(shown->path, model.path);
  EXPECT_EQ(shown->status_min, model.status_min);
  EXPECT_EQ(shown->status_max, model.status_max);
  EXPECT_EQ(shown->panic_percent, model.panic_percent);
  EXPECT_EQ(shown->all_down, model.all_down);
}

}  // namespace
}  // namespace joinery::settings
