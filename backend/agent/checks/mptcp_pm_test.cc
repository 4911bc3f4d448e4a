// Against the kernel that runs; reads only.
#include "backend/agent/checks/mptcp_pm.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

TEST(MptcpPm, ReadsLimits) {
  const auto limits = ReadMptcpLimits();
  ASSERT_TRUE(limits) << limits.error().message;
  EXPECT_LE(limits->subflows, 8U) << "MPTCP_PM_ADDR_MAX of the kernel";
  EXPECT_LE(limits->add_addr_accepted, 8U);
}

TEST(MptcpPm, ReadsEndpoints) {
  const auto endpoints = ReadMptcpEndpoints();
  ASSERT_TRUE(endpoints) << endpoints.error().message;
  EXPECT_LE(endpoints->size(), 255U);
}

}  // namespace
}  // namespace joinery::agent
