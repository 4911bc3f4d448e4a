#include "tools/bench/swap.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace joinery::bench {
namespace {

struct Row {
  std::string name;
  std::string frame;
  std::string expected;
};

const std::vector<Row> kRows = {
    // 02..01 > 02..02, 198.18.0.1:4660 > 198.18.0.2:80, TCP
    {.name = "ipv4 tcp",
     .frame = "020000000002020000000001"
              "0800"
              "450000180000000040060000"
              "c6120001"
              "c6120002"
              "1234"
              "0050",
     .expected = "020000000001020000000002"
                 "0800"
                 "450000180000000040060000"
                 "c6120002"
                 "c6120001"
                 "0050"
                 "1234"},
    {.name = "ipv4 icmp keeps what would be ports",
     .frame = "020000000002020000000001"
              "0800"
              "450000180000000040010000"
              "c6120001"
              "c6120002"
              "0800"
              "1234",
     .expected = "020000000001020000000002"
                 "0800"
                 "450000180000000040010000"
                 "c6120002"
                 "c6120001"
                 "0800"
                 "1234"},
    {.name = "ipv6 udp",
     .frame = "020000000002020000000001"
              "86dd"
              "6000000000041140"
              "20010db8000000000000000000000001"
              "20010db8000000000000000000000002"
              "1234"
              "0035",
     .expected = "020000000001020000000002"
                 "86dd"
                 "6000000000041140"
                 "20010db8000000000000000000000002"
                 "20010db8000000000000000000000001"
                 "0035"
                 "1234"},
    {.name = "arp has only its macs swapped",
     .frame = "ffffffffffff020000000001"
              "0806"
              "0001080006040001",
     .expected = "020000000001ffffffffffff"
                 "0806"
                 "0001080006040001"},
    {.name = "too short for anything", .frame = "ffffffffffff02", .expected = "ffffffffffff02"},
    {.name = "too short for ipv4",
     .frame = "020000000002020000000001"
              "0800"
              "45000018",
     .expected = "020000000001020000000002"
                 "0800"
                 "45000018"},
};

TEST(SwapFiveTuple, SwapsWhatTestpmdSwaps) {
  for (const Row& row : kRows) {
    std::vector<uint8_t> frame = *FromHex(row.frame);
    SwapFiveTuple(frame);
    EXPECT_EQ(ToHex(frame), row.expected) << row.name;
  }
}

TEST(SwapFiveTuple, TwiceIsNothing) {
  for (const Row& row : kRows) {
    std::vector<uint8_t> frame = *FromHex(row.frame);
    SwapFiveTuple(frame);
    SwapFiveTuple(frame);
    EXPECT_EQ(ToHex(frame), row.frame) << row.name;
  }
}

}  // namespace
}  // namespace joinery::bench
