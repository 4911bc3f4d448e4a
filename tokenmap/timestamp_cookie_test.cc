// The promises of docs/cookie-format.md: IDs come back, values never go back, foreign values show.
#include "tokenmap/timestamp_cookie.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tokenmap/cookie_twin.h"

namespace joinery::tokenmap {
namespace {

constexpr uint32_t kTickMs = 512;

// s, the ID bits; from 4 on each one more makes the cookie one bit wider: k = 9 to 16.
constexpr uint8_t kIdBits[] = {1, 4, 5, 6, 7, 8, 9, 10, 11};

crypto::Key128 RandomKey(Random& random) {
  crypto::Key128::Bytes key;
  random.Fill(key);
  return key;
}

TimestampCookie MakeCookie(uint64_t serial, const crypto::Key128& key, uint8_t id_bits) {
  return TimestampCookie::Create({.serial = Serial(serial), .key = key}, id_bits).value();
}

std::vector<uint8_t> RandomFlow(Random& random) {
  std::vector<uint8_t> flow(random.Below(2) == 0 ? 12 : 36);
  random.Fill(flow);
  return flow;
}

// RFC 7323 section 5.2: "s < t" when 0 < (t - s) < 2^31, in 32-bit arithmetic.
bool IsBefore(uint32_t s, uint32_t t) { return static_cast<int32_t>(s - t) < 0; }

struct Refusal {
  const char* name;
  uint64_t serial;
  uint8_t id_bits;
  const char* error;
};

TEST(TimestampCookie, RefusesWhatIsOutOfRange) {
  const Refusal rows[] = {
      {.name = "no ID bits",
       .serial = 4,
       .id_bits = 0,
       .error = "id_bits 0 is out of range; a cookie holds 1..11 (max_backends 1..1024)"},
      {.name = "too many ID bits",
       .serial = 4,
       .id_bits = 12,
       .error = "id_bits 12 is out of range; a cookie holds 1..11 (max_backends 1..1024)"},
      {.name = "serial too small",
       .serial = 3,
       .id_bits = 8,
       .error = "epoch serial 3 is out of range; allowed 4..4294967295"},
      {.name = "serial too large",
       .serial = uint64_t{1} << 32,
       .id_bits = 8,
       .error = "epoch serial 4294967296 is out of range; allowed 4..4294967295"},
  };
  for (const Refusal& row : rows) {
    const auto made =
        TimestampCookie::Create({.serial = Serial(row.serial), .key = {}}, row.id_bits);
    ASSERT_FALSE(made) << row.name;
    EXPECT_EQ(made.error().message, row.error) << row.name;
  }
}

TEST(TimestampCookie, WidthFollowsTheIds) {
  const std::pair<uint8_t, uint8_t> rows[] = {{1, 9},  {4, 9},  {5, 10}, {6, 11},
                                              {7, 12}, {8, 13}, {9, 14}, {11, 16}};
  for (const auto& [s, k] : rows) {
    EXPECT_EQ(CookieBits(s), k);
    EXPECT_EQ(MakeCookie(4, {}, s).code_bits() + kCookieEpochBits, k);
    EXPECT_EQ(CookieTwin({}, 4, s).k(), k);
  }
}

TEST(TimestampCookie, HashesNothingButFlows) {
  const TimestampCookie cookie = MakeCookie(4, {}, 8);
  for (const size_t length : {0U, 11U, 13U, 35U, 37U}) {
    EXPECT_EQ(cookie.Hash(std::vector<uint8_t>(length)), 0U) << length;
  }
  EXPECT_NE(cookie.Hash(std::vector<uint8_t>(12)), cookie.Hash(std::vector<uint8_t>(36)));
}

TEST(TimestampCookie, EveryIdComesBack) {
  SeededRandom random(1);
  for (uint8_t s = 1; s <= kMaxCookieIdBits; ++s) {
    for (int round = 0; round < 8; ++round) {
      const TimestampCookie cookie = MakeCookie(4 + random.Below(1000), RandomKey(random), s);
      const uint64_t hash = cookie.Hash(RandomFlow(random));
      const uint32_t tsval = random.Uint32();
      for (uint16_t id = 0; id < 1U << s; ++id) {
        for (const uint32_t wire : {cookie.Encode(BackendId(id), hash, tsval),
                                    cookie.EncodeSynAck(BackendId(id), hash, tsval)}) {
          ASSERT_TRUE(cookie.MayBeOf(wire));
          ASSERT_EQ(cookie.Decode(hash, wire), BackendId(id)) << "s " << int{s};
        }
      }
    }
  }
}

TEST(TimestampCookie, GrowsWithTime) {
  SeededRandom random(2);
  for (const uint8_t s : kIdBits) {
    const TimestampCookie cookie = MakeCookie(9, RandomKey(random), s);
    const uint64_t hash = cookie.Hash(RandomFlow(random));
    // Longer than this no flow may be silent: the sign of the difference turns.
    const uint32_t silent_ticks = (uint32_t{1} << (31 - CookieBits(s))) - 1;
    uint32_t tsval = UINT32_MAX - 200'000;  // soon wraps
    for (int i = 0; i < 20'000; ++i) {
      const uint32_t before = cookie.Encode(BackendId(1), hash, tsval);
      const uint32_t ticks = random.Below(silent_ticks + 1);
      ASSERT_EQ(IsBefore(before, cookie.Encode(BackendId(1), hash, tsval + ticks * kTickMs)),
                ticks > 0);
      const uint32_t next = cookie.Encode(BackendId(1), hash, tsval + 700);
      ASSERT_TRUE(IsBefore(before, next));
      tsval += 1 + random.Below(1000);
    }
  }
}

TEST(TimestampCookie, AnEpochStepRaisesTheValueWithinATick) {
  SeededRandom random(3);
  for (const uint8_t s : kIdBits) {
    for (int i = 0; i < 2000; ++i) {
      const uint64_t serial = 4 + random.Below(i % 2 == 0 ? 8 : UINT32_MAX - 8);
      const TimestampCookie old = MakeCookie(serial, RandomKey(random), s);
      const TimestampCookie fresh = MakeCookie(serial + 1, RandomKey(random), s);
      const std::vector<uint8_t> flow = RandomFlow(random);
      const BackendId id(static_cast<uint16_t>(random.Below(1U << s)));
      const uint32_t tsval = random.Uint32();
      const uint32_t before = old.Encode(id, old.Hash(flow), tsval);
      const uint32_t after = fresh.Encode(id, fresh.Hash(flow), tsval);
      ASSERT_TRUE(IsBefore(before, after));
      ASSERT_FALSE(old.MayBeOf(after));
    }
  }
}

TEST(TimestampCookie, ASynAckCarriesSixBitsAndStaysBelowWhatFollows) {
  SeededRandom random(4);
  for (const uint8_t s : kIdBits) {
    for (uint32_t i = 0; i < 4000; ++i) {
      const uint64_t serial = 4 + random.Below(100);
      const TimestampCookie cookie = MakeCookie(serial, RandomKey(random), s);
      const TimestampCookie fresh = MakeCookie(serial + 1, RandomKey(random), s);
      const std::vector<uint8_t> flow = RandomFlow(random);
      const BackendId id(static_cast<uint16_t>(random.Below(1U << s)));
      // A stack with SYN cookies sets the low bits; the clock may stand anywhere.
      const uint32_t clock = i % 4 == 0 ? random.Below(70'000) : random.Uint32();
      const uint32_t tsval = (clock & ~63U) | (i & 63U);
      const uint32_t wire = cookie.EncodeSynAck(id, cookie.Hash(flow), tsval);
      ASSERT_EQ(cookie.SynEcho(wire), 64U | (i & 63U));
      ASSERT_TRUE(IsBefore(wire, cookie.Encode(id, cookie.Hash(flow), clock & ~63U)));
      ASSERT_TRUE(IsBefore(wire, fresh.Encode(id, fresh.Hash(flow), clock & ~63U)));
    }
  }
}

// A flow's life: SYN/ACK, data, epoch steps, silences up to what the format allows.
TEST(TimestampCookie, PawsNeverBites) {
  SeededRandom random(5);
  for (const uint8_t s : kIdBits) {
    for (int flow_number = 0; flow_number < 200; ++flow_number) {
      const std::vector<uint8_t> flow = RandomFlow(random);
      const BackendId id(1);
      uint64_t serial = 4;
      TimestampCookie cookie = MakeCookie(serial, RandomKey(random), s);
      uint32_t clock = random.Uint32();
      uint32_t recent = cookie.EncodeSynAck(id, cookie.Hash(flow), clock);
      const uint32_t silent_ms = ((uint32_t{1} << (31 - CookieBits(s))) - 4) * kTickMs;
      // The SYN/ACK lies up to 127 ticks back, so the first silence is shorter by as much.
      clock += random.Below(std::max(1U, silent_ms - 128 * kTickMs));
      for (int segment = 0; segment < 300; ++segment) {
        if (random.Below(20) == 0) cookie = MakeCookie(++serial, RandomKey(random), s);
        const uint32_t wire = cookie.Encode(id, cookie.Hash(flow), clock);
        ASSERT_FALSE(IsBefore(wire, recent)) << "s " << int{s} << ", segment " << segment;
        recent = wire;
        clock += random.Below(10) == 0 ? random.Below(silent_ms) : random.Below(600);
      }
    }
  }
}

// With one live epoch and all of max_backends in use a foreign value passes once in 64: the
// epoch's residue 1 in 4, the check bits 1 in 8, a used ID 1 in 2.
TEST(TimestampCookie, OneForeignValueIn64Passes) {
  SeededRandom random(6);
  for (const uint8_t s : kIdBits) {
    if (s + kCookieCheckBits < JOINERY_COOKIE_MIN_CODE_BITS) continue;  // fewer still pass
    const TimestampCookie cookie = MakeCookie(4, RandomKey(random), s);
    const uint32_t max_backends = 1U << (s - 1);
    const auto passes = [&](uint32_t tsecr) {
      if (!cookie.MayBeOf(tsecr)) return false;
      const auto id = cookie.Decode(cookie.Hash(RandomFlow(random)), tsecr);
      return id && id->value() < max_backends;  // any half will do
    };
    constexpr int kValues = 400'000;
    int random_values = 0, clock_values = 0, the_same_value = 0;
    const uint32_t constant = 0x12340000 & ~(3U << cookie.code_bits());  // residue 0, as serial 4
    for (uint32_t i = 0; i < kValues; ++i) {
      random_values += passes(random.Uint32()) ? 1 : 0;
      clock_values += passes(3'000'000'000 + i * 4099) ? 1 : 0;
      the_same_value += passes(constant) ? 1 : 0;
    }
    EXPECT_NEAR(random_values, kValues / 64, 350) << "s " << int{s};
    EXPECT_NEAR(clock_values, kValues / 64, 350) << "s " << int{s};
    EXPECT_NEAR(the_same_value, kValues / 16, 700) << "s " << int{s};
  }
}

TEST(TimestampCookie, TheSlowTwinAgreesOnRandomCases) {
  SeededRandom random(7);
  for (int i = 0; i < 3000; ++i) {
    const auto s = static_cast<uint8_t>(1 + random.Below(kMaxCookieIdBits));
    const crypto::Key128 key = RandomKey(random);
    const uint32_t serial = 4 + random.Below(UINT32_MAX - 4);
    std::array<uint8_t, 16> client, vip;
    random.Fill(client);
    random.Fill(vip);
    const TwinFlow flow{.client = IpAddress::V6(client),
                        .vip = IpAddress::V6(vip),
                        .client_port = Port(static_cast<uint16_t>(random.Uint32())),
                        .vip_port = Port(static_cast<uint16_t>(random.Uint32()))};
    const CookieTwin twin(key, serial, s);
    const TimestampCookie cookie = MakeCookie(serial, key, s);
    const uint64_t hash = cookie.Hash(flow.Bytes());
    ASSERT_EQ(hash, twin.HashOf(flow));
    const BackendId id(static_cast<uint16_t>(random.Below(1U << s)));
    const uint32_t tsval = random.Uint32();
    ASSERT_EQ(cookie.Encode(id, hash, tsval), twin.Encode(flow, id.value(), tsval));
    ASSERT_EQ(cookie.EncodeSynAck(id, hash, tsval), twin.EncodeSynAck(flow, id.value(), tsval));
    ASSERT_EQ(cookie.SynEcho(tsval), twin.SynEcho(tsval));
    if (i % 30 != 0) continue;  // the twin tries all IDs
    const auto expected = twin.Decode(flow, tsval);
    const auto got = cookie.MayBeOf(tsval) ? cookie.Decode(hash, tsval) : std::nullopt;
    ASSERT_EQ(got.has_value(), expected.has_value());
    if (!got || !expected) continue;
    ASSERT_EQ(got->value(), *expected);
  }
}

}  // namespace
}  // namespace joinery::tokenmap
