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
    {"every length that a kind cannot have",
     FromHexText("0303 07 0304 0000 0403 00 050b 000000000000000000 0809 00000000000000"),
     "<wscale 7,kind 3 [wrong_length at 1: the option's length is not one it"
     "s kind can have] 03040000,kind 4 [wrong_length at 1: the option's leng"
     "th is not one its kind can have] 040300,kind 5 [wrong_length at 1: the"
     " option's length is not one its kind can have] 050b000000000000000000,"
     "kind 8 [wrong_length at 1: the option's length is not one its kind can"
     " have] 080900000000000000>"},
    {"MPTCP without a subtype, and an ADD_ADDR of no version", FromHexText("1e02 1e05 300100"),
     "<kind 30 [wrong_length at 1: the option's length is not one its kind c"
     "an have] 1e02,kind 30 [wrong_length at 1: the option's length is not o"
     "ne its kind can have] 1e05300100>"},
    {"MP_JOIN of the SYN/ACK", FromHexText("1e10 1001 0000000000000001 00000002"),
     "<mp_join_syn_ack backup=0 address_id=1 sender_hmac=1 rand=2>"},
    {"MP_JOIN of the last ACK", FromHexText("1e18 1000 0000000000000000000000000000000000000000"),
     "<mp_join_ack sender_hmac=0000000000000000000000000000000000000000>"},
    {"what closes and changes a connection",
     FromHexText("1e04 4001 1e0c 6000 0000000000000001 1e0c 7000 0000000000000002"),
     "<rm_addr address_id=[1],mp_fail dsn8=1,mp_fastclose key=2>"},
    {"what resets a subflow, and what nobody could read",
     FromHexText("1e04 8001 1e0c 9000 0000000000000003 1e04 6000"),
     "<mp_reset 1,new_key value=3,kind 30 [wrong_length at 1: the option's l"
     "ength is not one its kind can have] 1e046000>"},
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
