#include "lb/steer/verdict_text.h"

#include <gtest/gtest.h>

#include "lb/steer/steer.h"
#include "lb/steer/testing/test_config.h"
#include "wire/testing/packet_builder.h"

namespace joinery::steer {
namespace {

using namespace wire::testing;  // NOLINT(google-build-using-namespace): a test's words

IpSpec To(const char* vip) { return {.source = "198.18.5.5", .destination = vip}; }

// What is decided about the frame, in words that know the packet.
std::string Say(const settings::Config& config, const Bytes& frame) {
  const auto snapshot = testing::BuildOrDie(config);
  LcoreState state(1024);
  const std::span<const uint8_t> frames[] = {frame};
  Verdict verdict;
  DecideBurst(*snapshot, state, frames, Instant{} + std::chrono::hours(1), {&verdict, 1});
  return ToString(verdict, *snapshot, *wire::ParseFrame(frame));
}

TEST(VerdictText, SaysWhatIsServedInstead) {
  settings::Config many = testing::TestConfig();
  settings::Vip& vip = testing::PoolOf(many, "api").vips[0];
  for (uint16_t port = 1000; port < 1018; ++port) vip.ports.push_back(PortRange::One(Port(port)));
  const settings::Config usual = testing::TestConfig();
  IpSpec late = To("198.18.1.3");
  late.ttl = 1;
  struct Row {
    const char* name;
    const settings::Config& config;
    Bytes frame;
    const char* text;
  };
  for (const Row& row : {
           Row{"another port", usual, BuildTcp({.ip = To("198.18.1.1"), .destination_port = 81}),
               "drop no_service: 198.18.1.1 serves tcp 80, 443, 8000-8099"},
           Row{"another port of udp", usual,
               BuildUdp({.ip = To("198.18.1.1"), .destination_port = 80}),
               "drop no_service: 198.18.1.1 serves udp 443"},
           Row{"port 0", usual, BuildUdp({.ip = To("198.18.1.3"), .destination_port = 0}),
               "drop no_service: 198.18.1.3 serves udp all"},
           Row{"another protocol", usual, BuildUdp({.ip = To("198.18.1.2")}),
               "drop no_service: 198.18.1.2 serves no udp"},
           Row{"neither tcp nor udp", usual, BuildIp(To("198.18.1.1"), 50, Bytes(8)),
               "drop no_service: 198.18.1.1 serves tcp and udp, not protocol 50"},
           Row{"a long list is cut", many,
               BuildTcp({.ip = To("198.18.1.2"), .destination_port = 81}),
               "drop no_service: 198.18.1.2 serves tcp 80, 1000, 1001, 1002, 1003, 1004, 1005, "
               "1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014 and 3 more"},
           Row{"any other verdict stays", usual, BuildUdp({.ip = late}), "drop ttl_expired"},
           Row{"nobody's packet", usual, BuildTcp({.ip = To("198.18.9.9")}), "local"},
       }) {
    EXPECT_EQ(Say(row.config, row.frame), row.text) << row.name;
  }
}

}  // namespace
}  // namespace joinery::steer
