#include "lb/steer/encap.h"

#include <gtest/gtest.h>

namespace joinery::steer {
namespace {

using settings::Encap;

struct Row {
  const char* name;
  Encap encap;
  IpFamily outer;
  uint16_t overhead;
};

TEST(EncapOverhead, IsWhatStandsInFront) {
  for (const Row& row : {
           Row{"l2 to IPv4", Encap::kL2, IpFamily::kIpv4, 0},
           Row{"l2 to IPv6", Encap::kL2, IpFamily::kIpv6, 0},
           Row{"ipip over IPv4", Encap::kIpip, IpFamily::kIpv4, 20},
           Row{"ipip over IPv6", Encap::kIpip, IpFamily::kIpv6, 40},
           Row{"gue over IPv4", Encap::kGue, IpFamily::kIpv4, 28},
           Row{"gue over IPv6", Encap::kGue, IpFamily::kIpv6, 48},
       }) {
    EXPECT_EQ(EncapOverhead(row.encap, row.outer), row.overhead) << row.name;
    EXPECT_LE(row.overhead, kMaxEncapOverhead) << row.name;
  }
}

}  // namespace
}  // namespace joinery::steer
