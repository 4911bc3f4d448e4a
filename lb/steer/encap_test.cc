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

TEST(MakeTunnel, HoldsTheAddressesAsTheyLieInTheHeader) {
  const auto source = *IpAddress::Parse("198.18.0.1");
  const auto destination = *IpAddress::Parse("198.18.0.11");
  const Tunnel tunnel = MakeTunnel(Encap::kGue, source, destination);
  EXPECT_EQ(tunnel.addresses, (std::array<uint8_t, 32>{198, 18, 0, 1, 198, 18, 0, 11}));
  EXPECT_EQ(tunnel.addresses_sum, 0xc612 + 0x0001 + 0xc612 + 0x000b - 0xffff);
  EXPECT_EQ(tunnel.overhead, 28);
  EXPECT_TRUE(tunnel.outer_is_v4);
  EXPECT_TRUE(tunnel.gue);
}

TEST(MakeTunnel, HasRoomForIpv6) {
  const auto source = *IpAddress::Parse("2001:db8::1");
  const auto destination = *IpAddress::Parse("2001:db8::11");
  const Tunnel tunnel = MakeTunnel(Encap::kIpip, source, destination);
  EXPECT_EQ(tunnel.addresses[15], 0x01);
  EXPECT_EQ(tunnel.addresses[16], 0x20);
  EXPECT_EQ(tunnel.addresses[31], 0x11);
  EXPECT_EQ(tunnel.overhead, 40);
  EXPECT_FALSE(tunnel.outer_is_v4);
  EXPECT_FALSE(tunnel.gue);
}

TEST(MakeTunnel, IsEmptyForL2) {
  EXPECT_EQ(MakeTunnel(Encap::kL2, IpAddress(), IpAddress()).overhead, 0);
}

}  // namespace
}  // namespace joinery::steer
