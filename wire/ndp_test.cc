#include "wire/ndp.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;
using testing::Ip;

constexpr const char* kTarget = "20010db8000000000000000000000001";

struct Row {
  const char* name;
  Bytes bytes;
  const char* text;
};

const Row kRows[] = {
    {.name = "solicitation with the source's address",
     // type 135, code 0, checksum 0, reserved, target, option 1 of 8 bytes
     .bytes = FromHexText(std::string("87 00 0000 00000000") + kTarget + "01 01 020000000001"),
     .text = "neighbor solicitation who-has 2001:db8::1 (02:00:00:00:00:01)"},
    {.name = "advertisement, solicited, overriding",
     .bytes = FromHexText(std::string("88 00 0000 60000000") + kTarget + "02 01 020000000002"),
     .text = "neighbor advertisement 2001:db8::1 is-at 02:00:00:00:00:02 flags [SO]"},
    {.name = "a router's advertisement",
     .bytes = FromHexText(std::string("88 00 0000 80000000") + kTarget + "02 01 020000000002"),
     .text = "neighbor advertisement 2001:db8::1 is-at 02:00:00:00:00:02 flags [R]"},
};

TEST(Ndp, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = NdpView::Parse(row.bytes);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(ToString(*view), row.text);
    EXPECT_EQ(NdpView::EncodedLength(view->fields()), row.bytes.size());
    testing::ExpectEmits(row.bytes, [&](auto out) { NdpView::Emit(view->fields(), out); });
    const auto parse = [](std::span<const uint8_t> bytes) { return NdpView::Parse(bytes); };
    // 24 bytes are a whole message without the option.
    testing::ExpectEveryPrefixFails({row.bytes.begin(), row.bytes.begin() + 24}, parse);
    for (size_t length = 25; length < row.bytes.size(); ++length) {
      EXPECT_FALSE(NdpView::Parse(std::span(row.bytes).first(length))) << length;
    }
  }
}

TEST(Ndp, LivesWithoutALinkLayerAddressAndSkipsOtherOptions) {
  // a nonce (RFC 3971 option 14), then a link-layer address of another length
  const Bytes bytes = FromHexText(std::string("87 00 0000 00000000") + kTarget +
                                  "0e 01 010203040506 01 02 0000000000000000000000000000");
  const auto view = NdpView::Parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->link_layer_address(), std::nullopt);
  EXPECT_EQ(ToString(*view), "neighbor solicitation who-has 2001:db8::1 (no link-layer address)");
}

TEST(Ndp, NamesWhatIsWrong) {
  struct BadRow {
    const char* name;
    std::string bytes;
    ParseError error;
  };
  const std::string target = kTarget;
  std::string many = "87 00 0000 00000000" + target;
  for (size_t i = 0; i <= kMaxNdpOptions; ++i) many += "0e01000000000000";
  const BadRow rows[] = {
      {"another type", "86 00 0000 00000000" + target, {ParseReason::kBadNdp, 0}},
      {"a code", "87 01 0000 00000000" + target, {ParseReason::kBadNdp, 1}},
      {"a multicast target",
       "87 00 0000 00000000 ff020000000000000000000000000001",
       {ParseReason::kBadNdp, 8}},
      {"an option of length 0",
       "87 00 0000 00000000" + target + "0100000000000000",
       {ParseReason::kBadNdp, 24}},
      {"an option past the end",
       "87 00 0000 00000000" + target + "0102000000000000",
       {ParseReason::kTruncated, 24}},
      {"too many options", many, {ParseReason::kBadNdp, 24 + 8 * kMaxNdpOptions}},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Bytes bytes = FromHexText(row.bytes);
    const auto view = NdpView::Parse(bytes);
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error(), row.error) << ToString(view.error());
  }
}

TEST(Ndp, TheFirstLinkLayerAddressCounts) {
  const auto address_of = [](const std::string& options) {
    const Bytes bytes = FromHexText(std::string("87 00 0000 00000000") + kTarget + options);
    return NdpView::Parse(bytes)->fields().link_layer_address;
  };
  const MacAddress first{{2, 0, 0, 0, 0, 1}};
  EXPECT_EQ(address_of("01 01 020000000001"
                       "01 01 020000000002"),
            first);
  EXPECT_EQ(address_of("01 02 020000000002 0000000000000000"
                       "01 01 020000000001"),
            first)
      << "one of 16 bytes is no Ethernet address";
  EXPECT_EQ(address_of("02 01 020000000002"), std::nullopt) << "a target's address";
}

TEST(Ndp, AValidPacketHasHopLimit255AndARightChecksum) {
  const testing::IpSpec ip{.source = "2001:db8::2", .destination = "2001:db8::1", .ttl = 255};
  Bytes frame = testing::BuildIcmp(ip, kRows[0].bytes);
  EXPECT_TRUE(NdpPacketIsValid(*ParseFrame(frame)));
  frame.back() ^= 1;
  EXPECT_FALSE(NdpPacketIsValid(*ParseFrame(frame))) << "the checksum is wrong";
  testing::IpSpec forwarded = ip;
  forwarded.ttl = 254;
  EXPECT_FALSE(NdpPacketIsValid(*ParseFrame(testing::BuildIcmp(forwarded, kRows[0].bytes))));
}

TEST(Ndp, KnowsTheMulticastAddresses) {
  const IpAddress group = SolicitedNodeMulticast(Ip("2001:db8::1:02a3:0405"));
  EXPECT_EQ(ToString(group), "ff02::1:ffa3:405");
  EXPECT_EQ(ToString(MulticastMac(group)), "33:33:ff:a3:04:05");
}

}  // namespace
}  // namespace joinery::wire
