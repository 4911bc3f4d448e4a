#include "lb/dpdk/vlan_tag.h"

#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "wire/ethernet.h"
#include "wire/testing/packet_builder.h"

namespace joinery::dpdk {
namespace {

using wire::testing::Bytes;

constexpr uint16_t kVlan = 7;
constexpr uint16_t kHeadroom = 16;

// A packet buffer without DPDK's pools.
class Packet {
 public:
  explicit Packet(const Bytes& frame, uint16_t headroom = kHeadroom) {
    std::ranges::copy(frame, room_.begin() + headroom);
    mbuf_.buf_addr = room_.data();
    mbuf_.buf_len = static_cast<uint16_t>(room_.size());
    mbuf_.data_off = headroom;
    mbuf_.nb_segs = 1;
    mbuf_.data_len = static_cast<uint16_t>(frame.size());
    mbuf_.pkt_len = mbuf_.data_len;
  }

  rte_mbuf& mbuf() { return mbuf_; }
  Bytes frame() const {
    const auto* begin = rte_pktmbuf_mtod(&mbuf_, const uint8_t*);
    return {begin, begin + mbuf_.data_len};
  }

 private:
  std::array<uint8_t, 256> room_{};
  rte_mbuf mbuf_{};
};

Bytes Frame(std::vector<uint16_t> vlan_ids) {
  wire::testing::TcpSpec spec;
  spec.ip.link.vlan_ids = std::move(vlan_ids);
  return BuildTcp(spec);
}

struct TakeCase {
  const char* name;
  Bytes frame;
  bool taken = false;
  Bytes left = {};
};

class TakeTagTest : public testing::TestWithParam<TakeCase> {};

TEST_P(TakeTagTest, OnlyTheOutermostTagOfThePortsVlan) {
  const TakeCase& row = GetParam();
  Packet packet(row.frame);
  EXPECT_EQ(TakeTag(packet.mbuf(), kVlan), row.taken);
  EXPECT_EQ(packet.frame(), row.taken ? row.left : row.frame);
  EXPECT_EQ(packet.mbuf().pkt_len, packet.frame().size());
}

Bytes WithPriority(Bytes frame) {
  frame[wire::EthernetView::kMinLength] |= 0xf0;  // priority 7, drop eligible
  return frame;
}

INSTANTIATE_TEST_SUITE_P(
    Frames, TakeTagTest,
    testing::Values(
        TakeCase{.name = "OurVlan", .frame = Frame({kVlan}), .taken = true, .left = Frame({})},
        TakeCase{.name = "OurVlanWithPriority",
                 .frame = WithPriority(Frame({kVlan})),
                 .taken = true,
                 .left = Frame({})},
        TakeCase{
            .name = "AnotherInside", .frame = Frame({kVlan, 9}), .taken = true, .left = Frame({9})},
        TakeCase{.name = "AnotherVlan", .frame = Frame({9})},
        TakeCase{.name = "OursInsideAnother", .frame = Frame({9, kVlan})},
        TakeCase{.name = "NoTag", .frame = Frame({})},
        TakeCase{.name = "CutInTheTag", .frame = Bytes(15, 0x81)},
        TakeCase{.name = "Empty", .frame = {}}),
    [](const auto& row) { return row.param.name; });

TEST(TakeTag, TakesWhatTheDeviceKept) {
  constexpr uint16_t kPriority = 0xe000;
  for (const uint16_t vlan : {kVlan, uint16_t{9}}) {
    Packet packet(Frame({}));
    packet.mbuf().ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    packet.mbuf().vlan_tci = static_cast<uint16_t>(kPriority | vlan);
    EXPECT_EQ(TakeTag(packet.mbuf(), kVlan), vlan == kVlan);
    EXPECT_EQ(packet.frame(), Frame({}));
  }
}

TEST(PutTag, IsInFrontOfTheEthertype) {
  Packet packet(Frame({}));
  EXPECT_TRUE(PutTag(packet.mbuf(), kVlan));
  EXPECT_EQ(packet.frame(), Frame({kVlan}));
  EXPECT_TRUE(TakeTag(packet.mbuf(), kVlan));
  EXPECT_EQ(packet.frame(), Frame({}));
}

TEST(PutTag, NeedsRoom) {
  Packet packet(Frame({}), 3);
  EXPECT_FALSE(PutTag(packet.mbuf(), kVlan));
  EXPECT_EQ(packet.frame(), Frame({}));
}

TEST(LeaveTagToDevice, SaysWhichTag) {
  Packet packet(Frame({}));
  LeaveTagToDevice(packet.mbuf(), kVlan);
  EXPECT_EQ(packet.frame(), Frame({}));
  EXPECT_EQ(packet.mbuf().vlan_tci, kVlan);
  EXPECT_NE(packet.mbuf().ol_flags & RTE_MBUF_F_TX_VLAN, 0U);
}

}  // namespace
}  // namespace joinery::dpdk
