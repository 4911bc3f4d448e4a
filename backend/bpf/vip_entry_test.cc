#include "backend/bpf/vip_entry.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace joinery::bpf {
namespace {

const IpAddress kFirst = IpAddress::Parse("198.18.0.1").value();
const IpAddress kSecond = IpAddress::Parse("2001:db8::1").value();
const PoolSlots kSlots = {{PoolId(1), 5}, {PoolId(2), 6}};

PortRange Range(uint16_t first, uint16_t last) { return {Port(first), Port(last)}; }

TEST(VipEntry, SortsAndJoinsTheRangesOfAnAddress) {
  const std::vector<CookieVip> vips = {
      {.address = kFirst, .ports = {Range(443, 443), Range(80, 80)}, .pool = PoolId(1)},
      {.address = kFirst, .ports = {Range(82, 90)}, .pool = PoolId(2)},
      {.address = kFirst, .ports = {Range(81, 81)}, .pool = PoolId(1)},
      {.address = kSecond, .ports = {PortRange::All()}, .pool = PoolId(2)}};
  const VipEntries entries = MakeVipEntries(vips, kSlots).value();
  ASSERT_EQ(entries.size(), 2U);
  const joinery_bpf_range* ranges = entries.at(kFirst).ranges;
  const joinery_bpf_range wanted[] = {{80, 81, 5}, {82, 90, 6}, {443, 443, 5}, {0, 0, 0}};
  for (size_t i = 0; i < std::size(wanted); ++i) {
    EXPECT_EQ(ranges[i].first, wanted[i].first) << i;
    EXPECT_EQ(ranges[i].last, wanted[i].last) << i;
    EXPECT_EQ(ranges[i].pool, wanted[i].pool) << i;
  }
  EXPECT_EQ(entries.at(kSecond).ranges[0].last, 65535);
}

std::string Refusal(const std::vector<CookieVip>& vips) {
  const auto entries = MakeVipEntries(vips, kSlots);
  return entries ? "" : entries.error().message;
}

TEST(VipEntry, RefusesWithTheVipsName) {
  EXPECT_EQ(Refusal({{.address = kFirst, .ports = {Range(1, 2)}, .pool = PoolId(9)}}),
            "VIP 198.18.0.1: its pool 9 is not among the pools");
  EXPECT_EQ(Refusal({{.address = kFirst, .ports = {Range(0, 2)}, .pool = PoolId(1)}}),
            "VIP 198.18.0.1: ports 0-2; allowed 1..65535, the first not above the last");
  EXPECT_EQ(Refusal({{.address = kFirst, .ports = {Range(5, 4)}, .pool = PoolId(1)}}),
            "VIP 198.18.0.1: ports 5-4; allowed 1..65535, the first not above the last");
  EXPECT_EQ(Refusal({{.address = kFirst, .ports = {Range(80, 90)}, .pool = PoolId(1)},
                     {.address = kFirst, .ports = {Range(90, 99)}, .pool = PoolId(2)}}),
            "VIP 198.18.0.1: port 90 is named twice");
}

TEST(VipEntry, HasRoomForSixteenRanges) {
  CookieVip vip{.address = kFirst, .pool = PoolId(1)};
  for (uint16_t i = 1; i <= JOINERY_BPF_MAX_RANGES; ++i) vip.ports.push_back(Range(i * 2, i * 2));
  EXPECT_EQ(Refusal({vip}), "");
  vip.ports.push_back(Range(1000, 1000));
  EXPECT_NE(Refusal({vip}).find("more than 16 ranges of ports"), std::string::npos);
}

TEST(VipEntry, HasRoomForAThousandAddressesOfAFamily) {
  std::vector<CookieVip> vips;
  for (uint32_t i = 0; i <= JOINERY_BPF_MAX_VIPS; ++i) {
    const uint8_t bytes[] = {198, 18, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    vips.push_back({.address = IpAddress::V4(bytes), .ports = {Range(1, 1)}, .pool = PoolId(1)});
  }
  EXPECT_EQ(Refusal(vips), "more than 1024 VIPs of one address family");
  vips.pop_back();
  vips.push_back({.address = kSecond, .ports = {Range(1, 1)}, .pool = PoolId(1)});
  EXPECT_EQ(Refusal(vips), "");
}

}  // namespace
}  // namespace joinery::bpf
