#include "wire/ethernet.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  Bytes bytes;
  std::vector<uint16_t> vlan_ids;
  uint16_t ethertype;
  const char* text;
};

const Row kRows[] = {
    {.name = "plain",
     // destination, source, IPv4
     .bytes = FromHexText("020000000002 020000000001 0800"),
     .vlan_ids = {},
     .ethertype = kEtherTypeIpv4,
     .text = "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x0800"},
    {.name = "one C-tag with priority 5",
     // destination, source, 802.1Q tag, IPv6
     .bytes = FromHexText("020000000002 020000000001 8100 a007 86dd"),
     .vlan_ids = {7},
     .ethertype = kEtherTypeIpv6,
     .text = "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 vlan 7 type 0x86dd"},
    {.name = "an S-tag round a C-tag",
     .bytes = FromHexText("ffffffffffff 020000000001 88a8 0fff 8100 0001 0806"),
     .vlan_ids = {4095, 1},
     .ethertype = kEtherTypeArp,
     .text = "eth 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff vlan 4095 vlan 1 type 0x0806"},
    {.name = "an 802.3 length is no ethertype, but it is not ours to judge",
     .bytes = FromHexText("020000000002 020000000001 0026"),
     .vlan_ids = {},
     .ethertype = 0x26,
     .text = "eth 02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x0026"},
};

TEST(Ethernet, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = EthernetView::Parse(row.bytes);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(view->ethertype(), row.ethertype);
    ASSERT_EQ(view->tag_count(), row.vlan_ids.size());
    for (size_t i = 0; i < row.vlan_ids.size(); ++i) {
      EXPECT_EQ(view->tag(i).vlan_id(), row.vlan_ids[i]);
    }
    EXPECT_EQ(view->header_length(), row.bytes.size());
    EXPECT_EQ(ToString(*view), row.text);
    EXPECT_EQ(EthernetView::EncodedLength(view->fields()), row.bytes.size());
    testing::ExpectEmits(row.bytes, [&](auto out) { EthernetView::Emit(view->fields(), out); });
    testing::ExpectEveryPrefixFails(row.bytes, EthernetView::Parse);
  }
}

TEST(Ethernet, RefusesAThirdTag) {
  const Bytes bytes = FromHexText("020000000002 020000000001 88a8 0001 8100 0002 8100 0003 0800");
  EXPECT_EQ(EthernetView::Parse(bytes).error(), (ParseError{ParseReason::kBadVlanTags, 20}));
}

}  // namespace
}  // namespace joinery::wire
