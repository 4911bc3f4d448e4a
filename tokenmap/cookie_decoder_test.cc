#include "tokenmap/cookie_decoder.h"

#include <vector>

#include <gtest/gtest.h>

namespace joinery::tokenmap {
namespace {

constexpr uint8_t kIdBits = 8;
constexpr BackendId kBackend(201);

crypto::Key128 KeyFrom(uint8_t first) {
  crypto::Key128::Bytes key{};
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(first + i);
  return key;
}

CookieEpoch Epoch(uint64_t serial) {
  return {.serial = Serial(serial), .key = KeyFrom(static_cast<uint8_t>(serial))};
}

const std::vector<uint8_t> kFlow = {198, 18, 5, 5, 198, 18, 1, 1, 0x9c, 0x40, 0, 80};

uint32_t Written(uint64_t serial, uint32_t tsval = 123'456'789) {
  const TimestampCookie cookie = TimestampCookie::Create(Epoch(serial), kIdBits).value();
  return cookie.Encode(kBackend, cookie.Hash(kFlow), tsval);
}

TEST(CookieDecoder, ReadsEachLiveEpoch) {
  const CookieEpoch live[] = {Epoch(6), Epoch(7), Epoch(8)};
  const CookieDecoder decoder = CookieDecoder::Create(kIdBits, live).value();
  for (const uint64_t serial : {6, 7, 8}) {
    const TimestampCookie cookie = TimestampCookie::Create(Epoch(serial), kIdBits).value();
    EXPECT_EQ(decoder.Decode(kFlow, Written(serial)), (DecodedCookie{.status = CookieStatus::kOk,
                                                                     .serial = Serial(serial),
                                                                     .id = kBackend,
                                                                     .hash = cookie.Hash(kFlow)}));
  }
  EXPECT_EQ(decoder.Decode(kFlow, Written(9)), DecodedCookie{});
  EXPECT_EQ(decoder.Decode(kFlow, Written(5)), DecodedCookie{});
}

TEST(CookieDecoder, ToldApartFromACookieOfAnotherKey) {
  const CookieEpoch live[] = {Epoch(6)};
  const CookieDecoder decoder = CookieDecoder::Create(kIdBits, live).value();
  int wrong = 0;
  for (uint32_t tick = 0; tick < 8000; ++tick) {
    // Serial 10 has the same epoch field; the flow's code differs with the key.
    auto flow = kFlow;
    flow[8] = static_cast<uint8_t>(tick >> 8);
    flow[9] = static_cast<uint8_t>(tick);
    const TimestampCookie other = TimestampCookie::Create(Epoch(10), kIdBits).value();
    const DecodedCookie got = decoder.Decode(flow, other.Encode(kBackend, other.Hash(flow), 77777));
    EXPECT_NE(got.status, CookieStatus::kNoEpoch);
    EXPECT_EQ(got.serial, Serial(6));
    if (got.status == CookieStatus::kCheckBits) ++wrong;
  }
  EXPECT_NEAR(wrong, 7000, 150);  // seven in eight
}

TEST(CookieDecoder, WithoutEpochsNothingDecodes) {
  const CookieDecoder decoder = CookieDecoder::Create(kIdBits, {}).value();
  for (const uint64_t serial : {4, 5, 6, 7}) {
    EXPECT_EQ(decoder.Decode(kFlow, Written(serial)), DecodedCookie{});
  }
}

TEST(CookieDecoder, RefusesEpochsThatLookAlike) {
  const CookieEpoch live[] = {Epoch(6), Epoch(10)};
  const auto made = CookieDecoder::Create(kIdBits, live);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "epoch serials 6 and 10 look alike; live ones differ modulo 4");
}

TEST(CookieDecoder, RefusesWhatACookieRefuses) {
  const CookieEpoch live[] = {Epoch(3)};
  const auto made = CookieDecoder::Create(kIdBits, live);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "epoch serial 3 is out of range; allowed 4..4294967295");
}

}  // namespace
}  // namespace joinery::tokenmap
