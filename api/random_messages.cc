#include "api/random_messages.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <netinet/in.h>

#include "api/limits.h"
#include "settings/limits.h"
#include "settings/prime.h"
#include "tokenmap/scheme.h"

namespace joinery::api {
namespace {

bool Coin(Random& random) { return random.Below(2) == 1; }

// Small ones mostly, the ends often.
uint64_t Number(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return 0;
    case 1:
      return UINT64_MAX - random.Below(2);
    case 2:
      return random.Below(1'000);
    default:
      return random.Uint64();
  }
}

Position At(Random& random) { return {.epoch = Number(random), .version = Number(random)}; }

crypto::Key128 Key(Random& random) {
  crypto::Key128::Bytes bytes;
  random.Fill(bytes);
  return bytes;
}

Digest AnyDigest(Random& random) {
  Digest digest;
  random.Fill(digest);
  return digest;
}

IpAddress Address(Random& random) {
  std::array<uint8_t, 16> bytes;
  random.Fill(bytes);
  return Coin(random) ? IpAddress::V4(std::span(bytes).first<4>()) : IpAddress::V6(bytes);
}

// All that UTF-8 and JSON make difficult.
std::string Text(Random& random, size_t max_pieces) {
  static constexpr std::string_view kPieces[] = {
      "a", "\"", "\\", "\n", "\x01", "/", "é", "\t", "{", "\xe2\x82\xac", "\xf0\x9f\xa6\x94", " "};
  std::string text;
  const uint32_t pieces = random.Below(static_cast<uint32_t>(max_pieces));
  for (uint32_t i = 0; i < pieces; ++i) {
    text += kPieces[random.Below(static_cast<uint32_t>(std::size(kPieces)))];
  }
  return text;
}

template <typename Enum>
Enum Word(Random& random, uint32_t values) {
  return static_cast<Enum>(random.Below(values));
}

// Different ones; `limit` is at least `count`.
std::vector<uint32_t> Draw(Random& random, uint32_t count, uint32_t limit) {
  std::vector<uint32_t> drawn;
  while (drawn.size() < count) {
    const uint32_t one = random.Below(limit);
    if (std::ranges::find(drawn, one) == drawn.end()) drawn.push_back(one);
  }
  return drawn;
}

// No range touches another of any VIP: each VIP has ports of its own.
std::vector<ServedVip> Vips(Random& random, uint16_t& next_port) {
  std::vector<ServedVip> vips(random.Below(4));
  for (ServedVip& vip : vips) {
    vip.address = Address(random);
    vip.protocol = Coin(random) ? IPPROTO_TCP : IPPROTO_UDP;
    vip.fragments = Coin(random) ? settings::Fragments::kDrop : settings::Fragments::kByAddress;
    const uint32_t ranges = 1 + random.Below(3);
    for (uint32_t i = 0; i < ranges; ++i) {
      const uint16_t first = next_port;
      const auto last = static_cast<uint16_t>(first + random.Below(3));
      vip.ports.push_back({Port(first), Port(last)});
      next_port = static_cast<uint16_t>(last + 1);
    }
  }
  return vips;
}

struct Shape {
  uint16_t max_backends;
  settings::Algorithm algorithm;
  uint8_t generation_bits;
  settings::Handshake handshake;
};

Shape AnyShape(Random& random) {
  Shape shape{};
  shape.algorithm = Word<settings::Algorithm>(random, 2);
  shape.generation_bits = static_cast<uint8_t>(2 + random.Below(2));
  shape.handshake = Word<settings::Handshake>(random, 3);
  const bool derived = shape.handshake == settings::Handshake::kDerived;
  const int bits = derived ? tokenmap::kMaxBitsForDerived : tokenmap::kMaxBitsForExplicit;
  const uint32_t most =
      std::min<uint32_t>(1U << (bits - shape.generation_bits - 1), tokenmap::kMaxBackends);
  shape.max_backends = static_cast<uint16_t>(Coin(random) ? most : 1 + random.Below(most));
  return shape;
}

SchemeGeneration Generation(Random& random, const Shape& shape, uint32_t codepoint,
                            uint64_t serial) {
  SchemeGeneration generation;
  generation.codepoint = Codepoint(static_cast<uint8_t>(codepoint));
  generation.serial = Serial(serial);
  generation.state = Word<settings::GenerationState>(random, 3);
  if (shape.algorithm != settings::Algorithm::kPlain) generation.key = Key(random);
  return generation;
}

std::vector<uint32_t> Codepoints(Random& random, const Shape& shape) {
  const uint32_t usable = (1U << shape.generation_bits) - 1;
  return Draw(random, random.Below(usable + 1), usable);
}

PoolScheme Pool(Random& random, uint32_t number, uint16_t& next_port) {
  const Shape shape = AnyShape(random);
  PoolScheme pool;
  pool.name = fmt::format("pool{}", number);
  pool.id = PoolId(number * 77);
  pool.max_backends = shape.max_backends;
  pool.algorithm = shape.algorithm;
  pool.generation_bits = shape.generation_bits;
  pool.handshake = shape.handshake;
  pool.hash_secret = Key(random);
  pool.table_size = settings::NextPrime(1024 + random.Below(100'000));
  pool.join_rate = 1 + random.Below(settings::kMaxJoinRate);
  pool.vips = Vips(random, next_port);
  uint64_t serial = random.Uint64() >> 1;
  for (const uint32_t codepoint : Codepoints(random, shape)) {
    pool.generations.push_back(Generation(random, shape, codepoint, serial++));
  }
  pool.last_serial = Serial(serial + random.Below(3));
  const uint32_t ids = 1U << tokenmap::IdBits(shape.max_backends);
  for (const uint32_t id : Draw(random, random.Below(std::min(ids, 20U)), ids)) {
    if (Coin(random)) {
      pool.reserved_ids.emplace_back(static_cast<uint16_t>(id));
      continue;
    }
    pool.members.push_back({.id = BackendId(static_cast<uint16_t>(id)),
                            .name = fmt::format("b.{}", id),
                            .address = Address(random),
                            .encap = Word<settings::Encap>(random, 3)});
  }
  return pool;
}

std::optional<Rejection> AnyRejection(Random& random) {
  if (Coin(random)) return std::nullopt;
  return Rejection{.at = At(random), .reason = Text(random, kMaxReasonBytes / 4)};
}

}  // namespace

SchemePart RandomSchemePart(Random& random) {
  SchemePart part;
  part.at = At(random);
  uint16_t next_port = 1;
  const uint32_t pools = random.Below(5);
  for (uint32_t i = 0; i < pools; ++i) part.pools.push_back(Pool(random, i, next_port));
  return part;
}

LoadPart RandomLoadPart(Random& random) {
  LoadPart part;
  part.at = At(random);
  part.scheme = At(random);
  const uint32_t pools = random.Below(5);
  for (uint32_t i = 0; i < pools; ++i) {
    PoolLoad pool;
    pool.id = PoolId(i);
    pool.withdraw = Coin(random);
    for (const uint32_t id : Draw(random, random.Below(20), 2'048)) {
      pool.members.push_back({.id = BackendId(static_cast<uint16_t>(id)),
                              .weight = random.Below(settings::kMaxWeight + 1),
                              .state = Word<settings::BackendState>(random, 4)});
    }
    part.pools.push_back(std::move(pool));
  }
  return part;
}

AgentView RandomAgentView(Random& random) {
  const Shape shape = AnyShape(random);
  AgentView view;
  view.at = At(random);
  view.backend = "web1";
  view.pool = "web";
  view.pool_id = PoolId(random.Uint32());
  view.max_backends = shape.max_backends;
  view.algorithm = shape.algorithm;
  view.generation_bits = shape.generation_bits;
  view.handshake = shape.handshake;
  const uint32_t ids = 1U << tokenmap::IdBits(shape.max_backends);
  view.id = BackendId(static_cast<uint16_t>(random.Below(ids)));
  uint64_t serial = random.Uint64() >> 1;
  for (const uint32_t codepoint : Codepoints(random, shape)) {
    const auto generation = Generation(random, shape, codepoint, serial++);
    if (!view.active && Coin(random)) {
      view.active = generation;
      view.active->state = settings::GenerationState::kActive;
    } else {
      view.draining.push_back({.codepoint = generation.codepoint, .serial = generation.serial});
    }
  }
  view.drain = Coin(random);
  uint16_t next_port = 1;
  view.vips = Vips(random, next_port);
  const uint32_t balancers = random.Below(5);
  for (uint32_t i = 0; i < balancers; ++i) view.balancers.push_back(Address(random));
  return view;
}

BalancerReport RandomBalancerReport(Random& random) {
  BalancerReport report;
  report.sequence = {.session = Number(random), .number = Number(random)};
  report.scheme = {.at = At(random), .digest = AnyDigest(random)};
  report.load = At(random);
  report.rejected = AnyRejection(random);
  report.tables = AnyDigest(random);
  report.ready = Coin(random);
  if (Coin(random)) report.held = RandomSchemePart(random);
  return report;
}

BalancerReply RandomBalancerReply(Random& random) {
  return {.lease = Coin(random),
          .lease_ms = random.Uint32(),
          .behind = Coin(random),
          .send_scheme = Coin(random)};
}

AgentReport RandomAgentReport(Random& random) {
  AgentReport report;
  report.sequence = {.session = Number(random), .number = Number(random)};
  report.view = {.at = At(random), .digest = AnyDigest(random)};
  report.rejected = AnyRejection(random);
  report.incarnation = Number(random);
  if (Coin(random)) report.encoding = Serial(Number(random));
  const uint32_t uses = random.Below(8);
  for (uint32_t i = 0; i < uses; ++i) {
    report.uses.push_back(
        {.serial = Serial(i), .tokens = random.Uint32(), .keys = random.Uint32()});
  }
  report.connections = random.Uint32();
  report.oldest_connection_s = Number(random);
  const uint32_t findings = random.Below(8);
  for (uint32_t i = 0; i < findings; ++i) {
    report.findings.push_back({.name = fmt::format("rp_filter.{}", i),
                               .ok = Coin(random),
                               .detail = Text(random, kMaxDetailBytes / 4)});
  }
  return report;
}

AgentReply RandomAgentReply(Random& random) {
  return {.may_encode = Coin(random), .view = At(random), .incarnation = Number(random)};
}

}  // namespace joinery::api
