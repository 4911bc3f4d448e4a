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
  EXPECT_EQ(shown.lb_quorum, model.lb_quorum);
  EXPECT_EQ(shown.lease_s, model.lease_s);
  EXPECT_EQ(shown.retire_hold_s, model.retire_hold_s);
  EXPECT_EQ(shown.drain_max_h, model.drain_max_h);
  EXPECT_EQ(shown.quarantine_h, model.quarantine_h);
  EXPECT_EQ(shown.panic_percent, model.panic_percent);
  EXPECT_EQ(shown.all_down, model.all_down);
  const ControlPool pool;
  ASSERT_EQ(config->pools.size(), 1U);
  EXPECT_EQ(config->pools[0].max_backends, pool.max_backends);
  EXPECT_EQ(config->pools[0].handshake, pool.handshake);
  EXPECT_EQ(config->pools[0].algorithm, pool.algorithm);
  EXPECT_EQ(config->pools[0].generation_bits, pool.generation_bits);
  EXPECT_EQ(config->pools[0].table_size, pool.table_size);
  EXPECT_EQ(config->pools[0].join_rate, pool.join_rate);
}

}  // namespace
}  // namespace joinery::settings
