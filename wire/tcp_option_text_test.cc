#include "wire/tcp_option_text.h"

#include <gtest/gtest.h>

#include "wire/testing/packet_builder.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;

struct Row {
  const char* name;
  Bytes list;
  const char* text;
  SegmentRole role = SegmentRole::kAckOnly;
};

const Row kRows[] = {
    {"empty", {}, ""},
    {"a Linux SYN's", FromHexText("020405b4 0402 080a 00000001 00000000 01 030307 1e040101"),
     "<mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7,mpcapable v1 flags[flag_h] nokey>",
     SegmentRole::kSynOnly},
    {"no-operations round an option and at the end", FromHexText("0101 0402 01"),
     "<nop,nop,sackOK,nop>"},
    {"end of list hides the rest", FromHexText("01 00 0402"), "<nop,eol>"},
    {"malformed", FromHexText("0402 1e09"),
     "<sackOK,[option_past_end at 2: a TCP option runs past the header]>"},
    {"sack of two blocks", FromHexText("0512 00000001 00000002 00000003 00000004"),
     "<sack 1:2 3:4>"},
    {"fast open, asking and with a cookie", FromHexText("2202 2206 01020304"), "<FO,FO 01020304>"},
    {"an unknown kind", FromHexText("fd04 abcd"), "<kind 253 fd04abcd>"},
    {"wrong lengths", FromHexText("0203 01"),
     "<kind 2 [wrong_length at 1: the option's length is not one its kind can have] 020301>"},
    {"an MPTCP subtype that nobody knows", FromHexText("1e03 f0"), "<mptcp subtype 15 1e03f0>"},
    {"an MPTCP option of version 0", FromHexText("1e08 3401 c6120009"),
     "<add_addr address_id=1 addr=198.18.0.9>"},
    {"DSS and MP_PRIO", FromHexText("1e08 2001 00000001 1e03 51 01"),
     "<dss dack4=1,mp_prio backup=1,nop>"},
};

TEST(TcpOptionText, PrintsEveryRow) {
  for (const Row& row : kRows) {
    EXPECT_EQ(OptionsToString(row.list, row.role), row.text) << row.name;
  }
}

}  // namespace
}  // namespace joinery::wire
