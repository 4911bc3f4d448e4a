#include "lb/forward/forward.h"

#include <string>

#include <gtest/gtest.h>

#include "lb/steer/testing/test_config.h"
#include "wire/ethernet.h"
#include "wire/packet_view.h"
#include "wire/testing/packet_builder.h"

namespace joinery::forward {
namespace {

using steer::Action;
using steer::Rule;
using steer::Verdict;
using wire::testing::BuildTcp;
using wire::testing::Bytes;
using wire::testing::IpSpec;
using wire::testing::TcpSpec;

constexpr LinkAddresses kLink = {.source = {{0x02, 0, 0, 0, 0, 0x0b}},
                                 .destination = {{0x02, 0, 0, 0, 0, 0x2c}}};

Verdict ToFirstBackend() {
  return {.action = Action::kForward, .rule = Rule::kHash, .pool = 0, .backend = 0};
}

struct Row {
  const char* name;
  TcpSpec spec;
};

// What leaves is the same packet, built anew with other MAC addresses and one hop less: nothing
// else may differ.
TEST(RewriteL2, ChangesMacsAndTtlAndNothingElse) {
  const auto snapshot = steer::testing::BuildOrDie(steer::testing::TestConfig());
  const IpSpec v4 = {.source = "198.18.5.5", .destination = "198.18.1.1"};
  const IpSpec v6 = {.source = "2001:db8:5::5", .destination = "2001:db8:1::1"};
  IpSpec tagged = v4, twice = v6, options = v4;
  tagged.link.vlan_ids = {7};
  twice.link.vlan_ids = {7, 8};
  options.ip_options = {0x01, 0x01, 0x01, 0x00};
  for (const Row& row : {
           Row{"ipv4", {.ip = v4, .payload = Bytes(100, 0x5a)}},
           Row{"ipv6", {.ip = v6, .payload = Bytes(100, 0x5a)}},
           Row{"ipv4 behind a VLAN tag", {.ip = tagged}},
           Row{"ipv6 behind two", {.ip = twice}},
           Row{"ipv4 with options", {.ip = options}},
       }) {
    Bytes frame = BuildTcp(row.spec);
    TcpSpec expected = row.spec;
    expected.ip.link.source = kLink.source;
    expected.ip.link.destination = kLink.destination;
    --expected.ip.ttl;
    EXPECT_EQ(Headroom(*snapshot, ToFirstBackend()), 0u) << row.name;
    Rewrite(*snapshot, ToFirstBackend(), kLink, frame);
    EXPECT_EQ(frame, BuildTcp(expected)) << row.name;
  }
}

TEST(RewriteL2, LeavesPaddingAlone) {
  const auto snapshot = steer::testing::BuildOrDie(steer::testing::TestConfig());
  Bytes frame = BuildTcp({.ip = {.source = "198.18.5.5", .destination = "198.18.1.1"}});
  frame.resize(60, 0xee);  // the shortest frame that Ethernet carries
  Rewrite(*snapshot, ToFirstBackend(), kLink, frame);
  EXPECT_EQ(frame.size(), 60u);
  EXPECT_EQ(frame.back(), 0xee);
}

}  // namespace
}  // namespace joinery::forward
