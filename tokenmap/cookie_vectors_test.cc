// testdata/cookie_vectors.txt: what the slow twin says, kept in a file so that C++, the C header
// and BPF programs can all be held to it. `bazel run //tokenmap:cookie_vectors_test -- --rewrite`
// writes it anew; a change in it means that old and new builds no longer understand each other.
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "base/random.h"
#include "tokenmap/c/cookie_in_c.h"
#include "tokenmap/cookie_decoder.h"
#include "tokenmap/cookie_twin.h"
#include "tokenmap/timestamp_cookie.h"
#include "tokenmap/vector_file.h"

namespace joinery::tokenmap {
namespace {

constexpr const char* kPath = "tokenmap/testdata/cookie_vectors.txt";

constexpr std::string_view kHeader =
    "# Joinery timestamp cookies, from the slow twin (tokenmap/cookie_vectors_test.cc --rewrite).\n"
    "# s E key client client_port vip vip_port id tsval segment synack synecho\n"
    "# segment and synack: TSval on the wire; synecho: what a listener gets for the echoed "
    "synack.\n"
    "# s, E, ports, id and synecho are decimal; key, tsval, segment and synack hexadecimal.\n";

struct CookieVector {
  uint8_t id_bits = 0;
  uint32_t serial = 0;
  crypto::Key128::Bytes key{};
  TwinFlow flow{};
  uint16_t id = 0;
  uint32_t tsval = 0;
  uint32_t segment = 0;
  uint32_t synack = 0;
  uint32_t syn_echo = 0;
};

IpAddress RandomAddress(Random& random, bool v6) {
  std::array<uint8_t, 16> bytes;
  random.Fill(bytes);
  return v6 ? IpAddress::V6(bytes) : IpAddress::V4(std::span(bytes).first<4>());
}

CookieVector Make(Random& random, uint8_t id_bits, uint16_t id, uint32_t tsval) {
  CookieVector v{.id_bits = id_bits, .id = id, .tsval = tsval};
  const bool v6 = random.Below(2) == 0;
  v.serial = 4 + random.Below(random.Below(2) == 0 ? 8 : UINT32_MAX - 4);
  random.Fill(v.key);
  v.flow = {.client = RandomAddress(random, v6),
            .vip = RandomAddress(random, v6),
            .client_port = Port(static_cast<uint16_t>(random.Uint32())),
            .vip_port = Port(static_cast<uint16_t>(random.Uint32()))};
  const CookieTwin twin(v.key, v.serial, id_bits);
  v.segment = twin.Encode(v.flow, id, tsval);
  v.synack = twin.EncodeSynAck(v.flow, id, tsval);
  v.syn_echo = static_cast<uint32_t>(twin.SynEcho(v.synack));
  return v;
}

std::string Write() {
  SeededRandom random(2026);
  std::string text(kHeader);
  for (uint8_t s = 1; s <= kMaxCookieIdBits; ++s) {
    const auto last = static_cast<uint16_t>((1U << s) - 1);
    const std::pair<uint16_t, uint32_t> rows[] = {
        {uint16_t{0}, 0},
        {last, UINT32_MAX},
        {uint16_t{0}, 511},
        {last, 64U << 9},
        {static_cast<uint16_t>(random.Below(last + 1U)), random.Uint32()},
        {static_cast<uint16_t>(random.Below(last + 1U)), random.Uint32()},
        {static_cast<uint16_t>(random.Below(last + 1U)), random.Uint32()},
        {static_cast<uint16_t>(random.Below(last + 1U)), random.Uint32()}};
    for (const auto& [id, tsval] : rows) {
      const CookieVector v = Make(random, s, id, tsval);
      text += fmt::format("{} {} {} {} {} {} {} {} {:08x} {:08x} {:08x} {}\n", s, v.serial,
                          ToHex(v.key), ToString(v.flow.client), v.flow.client_port.value(),
                          ToString(v.flow.vip), v.flow.vip_port.value(), id, tsval, v.segment,
                          v.synack, v.syn_echo);
    }
  }
  return text;
}

std::string Read() { return ReadVectors(kPath); }

CookieVector ParseVector(const std::string& text) {
  std::istringstream line(text);
  CookieVector v;
  unsigned s = 0;
  uint16_t client_port = 0, vip_port = 0;
  std::string key, client, vip;
  line >> s >> v.serial >> key >> client >> client_port >> vip >> vip_port >> v.id;
  line >> std::hex >> v.tsval >> v.segment >> v.synack >> std::dec >> v.syn_echo;
  const auto bytes = FromHex(key);
  EXPECT_TRUE(line && bytes && bytes->size() == v.key.size()) << text;
  if (bytes && bytes->size() == v.key.size())
    std::copy(bytes->begin(), bytes->end(), v.key.begin());
  v.id_bits = static_cast<uint8_t>(s);
  v.flow = {.client = IpAddress::Parse(client).value_or(IpAddress{}),
            .vip = IpAddress::Parse(vip).value_or(IpAddress{}),
            .client_port = Port(client_port),
            .vip_port = Port(vip_port)};
  return v;
}

std::vector<CookieVector> Parse(const std::string& text) {
  std::vector<CookieVector> vectors;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) vectors.push_back(ParseVector(line));
  }
  return vectors;
}

TEST(CookieVectors, AreWhatTheSlowTwinSays) { EXPECT_EQ(Read(), Write()); }

TEST(CookieVectors, HoldForCpp) {
  const std::vector<CookieVector> vectors = Parse(Read());
  ASSERT_EQ(vectors.size(), 88U);
  for (const CookieVector& v : vectors) {
    const CookieEpoch epoch{.serial = Serial(v.serial), .key = v.key};
    const TimestampCookie cookie = TimestampCookie::Create(epoch, v.id_bits).value();
    const std::vector<uint8_t> flow = v.flow.Bytes();
    const uint64_t hash = cookie.Hash(flow);
    EXPECT_EQ(cookie.Encode(BackendId(v.id), hash, v.tsval), v.segment);
    EXPECT_EQ(cookie.EncodeSynAck(BackendId(v.id), hash, v.tsval), v.synack);
    EXPECT_EQ(cookie.SynEcho(v.synack), v.syn_echo);
    const CookieDecoder decoder = CookieDecoder::Create(v.id_bits, {&epoch, 1}).value();
    for (const uint32_t tsecr : {v.segment, v.synack}) {
      EXPECT_EQ(decoder.Decode(flow, tsecr), (DecodedCookie{.status = CookieStatus::kOk,
                                                            .serial = Serial(v.serial),
                                                            .id = BackendId(v.id),
                                                            .hash = hash}));
    }
  }
}

TEST(CookieVectors, HoldForTheCHeaderAsCSeesIt) {
  for (const CookieVector& v : Parse(Read())) {
    cookie_in_c_case c{};
    std::copy(v.key.begin(), v.key.end(), c.key);
    c.serial = v.serial;
    c.id_bits = v.id_bits;
    const std::vector<uint8_t> flow = v.flow.Bytes();
    std::copy(flow.begin(), flow.end(), c.flow);
    c.flow_length = flow.size();
    uint32_t segment = 0, synack = 0, id = 0, echo = 0;
    int named = 0;
    ASSERT_EQ(cookie_in_c_encode(&c, v.id, v.tsval, &segment, &synack), 0);
    EXPECT_EQ(segment, v.segment);
    EXPECT_EQ(synack, v.synack);
    ASSERT_EQ(cookie_in_c_decode(&c, v.synack, &named, &id, &echo), 0);
    EXPECT_EQ(named, 1);
    EXPECT_EQ(id, v.id);
    EXPECT_EQ(echo, v.syn_echo);
  }
}

TEST(CookieVectors, TheSynAckCarriesTheLowSixBits) {
  for (const CookieVector& v : Parse(Read())) EXPECT_EQ(v.syn_echo, 64 + v.tsval % 64);
}

}  // namespace

int Main(int argc, char** argv) { return RunVectors(argc, argv, kPath, Write); }

}  // namespace joinery::tokenmap

int main(int argc, char** argv) { return joinery::tokenmap::Main(argc, argv); }
