// The engine of this room against the scalar one: equal verdicts, equal counters, over streams that
// mix every kind of packet, plain and broken. engine_test needs a CPU with AVX-512 for that;
// engine_emulated_test is the same on every CPU.
#include "lb/steer/avx512/engine.h"

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "base/random.h"
#include "lb/steer/avx512/lanes.h"
#include "lb/steer/counters.h"
#include "lb/steer/scalar.h"
#include "lb/steer/steer.h"
#include "lb/steer/verdict_text.h"
#include "tokenmap/timestamp_cookie.h"
#include "tokenmap/token_encoder.h"
#include "wire/packet_view.h"

namespace joinery::steer::avx512 {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr std::array<uint8_t, 16> kTokenKey = {1, 2, 3};
constexpr std::array<uint8_t, 16> kCookieKey = {4, 5, 6};
constexpr std::array<uint8_t, 16> kNextCookieKey = {7, 8, 9};
constexpr int kAllPorts =
    100;  // this much above a pool's address is another that serves every port

settings::Pool MakePool(uint32_t number, settings::Handshake handshake, int backends) {
  settings::Pool pool;
  pool.name = "pool" + std::to_string(number);
  pool.id = PoolId(number);
  pool.handshake = handshake;
  pool.scheme.generations = {{.codepoint = Codepoint(1), .serial = Serial(1), .key = kTokenKey}};
  pool.hash_secret = settings::Key128::Bytes{static_cast<uint8_t>(number)};
  pool.table_size = 251;
  pool.join_rate = 1000;
  for (const std::string prefix : {"198.18.0.", "2001:db8::"}) {
    pool.vips.push_back(
        {.address = *IpAddress::Parse(prefix + std::to_string(number)),
         .protocol = 6,
         .ports = {PortRange::One(Port(80)), PortRange::One(Port(443)), {Port(8000), Port(8099)}}});
    pool.vips.push_back({.address = *IpAddress::Parse(prefix + std::to_string(number + kAllPorts)),
                         .protocol = 6,
                         .ports = {PortRange::All()}});
  }
  for (int i = 0; i < backends; ++i) {
    pool.backends.push_back({.name = "b" + std::to_string(i),
                             .id = BackendId(static_cast<uint16_t>(i)),
                             .address = *IpAddress::Parse("198.18." + std::to_string(number) + "." +
                                                          std::to_string(i + 1)),
                             .state = static_cast<settings::BackendState>(i % 5 == 4   ? 3
                                                                          : i % 4 == 3 ? 2
                                                                                       : 0)});
  }
  return pool;
}

settings::Config MakeConfig() {
  settings::Config config;
  config.lb.ports = {{.name = "p0",
                      .device = "none",
                      .addresses = {*IpPrefix::Parse("198.18.0.254/15")},
                      .gateways = {},
                      .mtu = 1400}};
  config.pools = {
      MakePool(1, settings::Handshake::kDerived, 8), MakePool(2, settings::Handshake::kExplicit, 5),
      MakePool(3, settings::Handshake::kNone, 3), MakePool(4, settings::Handshake::kDerived, 0)};
  config.pools[2].vips[0].protocol = 17;
  return config;
}

// The same, with cookies that are trusted in two pools and not yet in one.
settings::Config MakeCookieConfig() {
  settings::Config config = MakeConfig();
  for (size_t i = 0; i < 3; ++i) {
    settings::Cookie& cookie = config.pools[i].cookie.emplace();
    cookie.rule = i == 1 ? settings::CookieRule::kWriting : settings::CookieRule::kTrusted;
    cookie.epochs = {{.serial = Serial(6), .key = kCookieKey},
                     {.serial = Serial(7), .key = kNextCookieKey}};
  }
  return config;
}

// Draws packets from few flows, so that they meet again in the cache.
class Stream {
 public:
  Stream(const settings::Config& config, uint64_t seed) : random_(seed) {
    const settings::Pool& pool = config.pools[0];
    const auto scheme =
        tokenmap::Scheme::Create(tokenmap::Algorithm::kFf1, pool.id, 2, pool.scheme.id_bits);
    encoder_.emplace(*tokenmap::TokenEncoder::Create(
        *scheme, {.codepoint = Codepoint(1), .serial = Serial(1), .key = kTokenKey}));
    if (!pool.cookie) return;
    for (const settings::CookieEpoch& epoch : pool.cookie->epochs) {
      cookies_.push_back(*tokenmap::TimestampCookie::Create(
          {.serial = epoch.serial, .key = epoch.key}, pool.scheme.id_bits));
    }
  }

  [[nodiscard]] uint32_t Below(uint32_t bound) { return random_.Below(bound); }
  [[nodiscard]] bool OneIn(uint32_t n) { return random_.Below(n) == 0; }

  [[nodiscard]] Bytes Next() {
    const Bytes segment = Segment();
    Bytes frame = OneIn(3) ? Ipv6(segment) : Ipv4(segment);
    if (!cookies_.empty() && OneIn(2)) EchoCookie(frame);
    if (OneIn(10)) frame.resize(std::max<size_t>(frame.size(), 60 + Below(20)));  // padding
    if (OneIn(20)) frame.resize(Below(static_cast<uint32_t>(frame.size() + 1)));
    for (; OneIn(4) && !frame.empty();) {
      frame[Below(static_cast<uint32_t>(frame.size()))] ^= static_cast<uint8_t>(1U << Below(8));
    }
    return frame;
  }

 private:
  static void Append(Bytes& out, std::initializer_list<int> bytes) {
    for (const int byte : bytes) out.push_back(static_cast<uint8_t>(byte));
  }
  void AppendRandom(Bytes& out, int count) {
    for (int i = 0; i < count; ++i) out.push_back(static_cast<uint8_t>(Below(256)));
  }

  // Where timestamps stand as every stack pads them, they become a cookie of the packet's flow.
  void EchoCookie(Bytes& frame) {
    const auto view = wire::ParseFrame(frame);
    if (!view || view->kind != wire::PacketKind::kTcp) return;
    const size_t ip_header = view->family == IpFamily::kIpv4 ? 12 : 8;
    const size_t options = view->l4_offset + size_t{20};
    constexpr std::array<uint8_t, 4> kPadded = {1, 1, 8, 10};
    if (frame.size() < options + 12) return;
    if (!std::equal(kPadded.begin(), kPadded.end(), frame.begin() + static_cast<long>(options))) {
      return;
    }
    const size_t length = 2 * view->source.bytes().size() + 4;
    const auto flow = std::span(frame).subspan(view->ip_offset + ip_header, length);
    const BackendId id(static_cast<uint16_t>(Below(10)));
    const tokenmap::TimestampCookie& cookie = cookies_[Below(2)];
    StoreBe32(&frame[options + 8], cookie.Encode(id, cookie.Hash(flow), random_.Uint32()));
  }

  void Timestamps(Bytes& out) {
    Append(out, {8, 10});
    AppendRandom(out, 8);
  }
  void Join(Bytes& out) {
    const uint16_t id = static_cast<uint16_t>(Below(12));
    const Token token =
        OneIn(4) ? Token(random_.Uint32()) : *encoder_->Encode(BackendId(id), Below(4));
    Append(out, {30, 12, OneIn(8) ? 0 : 0x10, 1});
    out.resize(out.size() + 4);
    StoreBe32(&out[out.size() - 4], token.value());
    AppendRandom(out, 4);
  }

  // Lists as stacks send them, and lists that nobody sends.
  [[nodiscard]] Bytes SynOptions() {
    Bytes o;
    switch (Below(9)) {
      case 0:
        return o;
      case 1:
        Append(o, {2, 4, 5, 180});
        return o;
      case 2:
        Append(o, {2, 4, 5, 180, 1, 3, 3, 8, 1, 1, 4, 2});
        return o;
      case 3:
        Append(o, {2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 7});
        return o;
      case 4:
        Append(o, {2, 4, 5, 180, 1, 3, 3, 6, 1, 1});
        Timestamps(o);
        Append(o, {4, 2, 0, 0});
        return o;
      case 5:
        Append(o, {1, 1});
        Timestamps(o);
        return o;
      default:
        Append(o, {2, 4, 5, 180, 4, 2});
        Timestamps(o);
        Append(o, {1, 3, 3, 7});
        if (OneIn(2)) Join(o);
        if (o.size() <= 36 && OneIn(2)) {
          Append(o, {30, 4, 1, OneIn(2) ? 1 : static_cast<int>(Below(256))});
        }
        return o;
    }
  }
  [[nodiscard]] Bytes DataOptions() {
    Bytes o;
    if (OneIn(6)) return o;
    Append(o, {1, 1});
    Timestamps(o);
    if (!OneIn(3)) return o;
    switch (Below(6)) {
      case 0:  // DSS, data ACK of 4 bytes
        Append(o, {30, 8, 0x20, 1});
        AppendRandom(o, 4);
        break;
      case 4:  // DSS with a mapping, and what is like it but for its length
        Append(o, {30, 26 - static_cast<int>(OneIn(4)), 0x20, 13});
        AppendRandom(o, 22);
        Append(o, {1, 1});
        break;
      case 5:  // SACK, and perhaps DSS once or twice
        Append(o, {1, 1, 5, 10});
        AppendRandom(o, 8);
        for (uint32_t left = Below(3); left > 0; --left) {
          Append(o, {30, 4, 0x20, 0});
        }
        break;
      case 1:  // MP_CAPABLE, both keys
        Append(o, {30, 20, 1, 1});
        AppendRandom(o, 16);
        break;
      case 2:  // MP_CAPABLE, both tokens
        Append(o, {30, 12, 1, 3});
        AppendRandom(o, 8);
        break;
      default:  // MP_FASTCLOSE
        Append(o, {30, 12, 0x70, 0});
        AppendRandom(o, 8);
    }
    return o;
  }

  [[nodiscard]] Bytes Segment() {
    const bool syn = OneIn(3);
    Bytes s(20);
    StoreBe16(&s[0], static_cast<uint16_t>(1000 + Below(40)));
    StoreBe16(&s[2], static_cast<uint16_t>(ServicePort()));
    s[13] = static_cast<uint8_t>(OneIn(20) ? Below(256) : syn ? 0x02 : 0x10);
    const Bytes options = syn ? SynOptions() : DataOptions();
    s.insert(s.end(), options.begin(), options.end());
    s.resize((s.size() + 3) / 4 * 4);
    s[12] = static_cast<uint8_t>(OneIn(50) ? Below(256) : s.size() / 4 << 4);
    if (OneIn(2)) s.resize(s.size() + Below(OneIn(10) ? 1500 : 100));
    return s;
  }

  void Ethernet(Bytes& frame, int ethertype) {
    AppendRandom(frame, 12);
    if (OneIn(30)) Append(frame, {0x81, 0, 0, 7});
    if (OneIn(30)) ethertype = OneIn(2) ? 0x0806 : 0x88cc;
    Append(frame, {ethertype >> 8, ethertype & 0xff});
  }
  [[nodiscard]] int Protocol() {
    return OneIn(20) ? static_cast<int>(Below(60)) : OneIn(10) ? 17 : 6;
  }
  [[nodiscard]] int Ttl() { return OneIn(10) ? static_cast<int>(Below(3)) : 64; }
  // The last byte of a pool's address.
  [[nodiscard]] int Pool() {
    return static_cast<int>(1 + (OneIn(2) ? 0 : Below(5))) + (OneIn(6) ? kAllPorts : 0);
  }
  [[nodiscard]] int ServicePort() {
    static constexpr int kOthers[] = {0, 81, 7999, 8000, 8050, 8099, 8100, 65535};
    return OneIn(3) ? 80 : OneIn(6) ? kOthers[Below(std::size(kOthers))] : 443;
  }

  [[nodiscard]] Bytes Ipv4(const Bytes& segment) {
    Bytes frame;
    Ethernet(frame, 0x0800);
    const int words = OneIn(20) ? 6 : 5;
    const int total = static_cast<int>(segment.size()) + 4 * words;
    const int fragment = OneIn(30) ? static_cast<int>(Below(0x4000)) : 0;
    Append(frame, {0x40 | words, 0, total >> 8, total & 0xff, 0, 0, 0x40 | fragment >> 8,
                   fragment & 0xff, Ttl(), Protocol(), 0, 0});
    Append(frame, {198, 19, 0, static_cast<int>(Below(3)), 198, 18, 0, Pool()});
    for (int i = 5; i < words; ++i) Append(frame, {1, 1, 1, 1});
    frame.insert(frame.end(), segment.begin(), segment.end());
    return frame;
  }
  [[nodiscard]] Bytes Ipv6(const Bytes& segment) {
    Bytes frame;
    Ethernet(frame, 0x86dd);
    const bool extension = OneIn(20);
    const int length = static_cast<int>(segment.size()) + (extension ? 8 : 0);
    Append(frame, {0x60, 0, 0, 0, length >> 8, length & 0xff, extension ? 0 : Protocol(), Ttl()});
    for (const int last : {static_cast<int>(0x10 + Below(3)), Pool()}) {
      Append(frame, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
    }
    if (extension) Append(frame, {Protocol(), 0, 1, 4, 0, 0, 0, 0});
    frame.insert(frame.end(), segment.begin(), segment.end());
    return frame;
  }

  SeededRandom random_;
  std::optional<tokenmap::TokenEncoder> encoder_;
  std::vector<tokenmap::TimestampCookie> cookies_;
};

std::string CountersOf(const LcoreState& state, const Snapshot& snapshot) {
  const std::array<const Counters*, 1> lcores = {&state.counters()};
  return CountersToJson(SumCounters(lcores, snapshot), snapshot);
}

// The engine of this build. Where the CPU cannot run it, this is no more than the scalar one
// against itself, and engine_emulated_test is the proof.
void Decide(const Snapshot& snapshot, LcoreState& state,
            std::span<const std::span<const uint8_t>> frames, Instant now,
            std::span<Verdict> verdicts) {
  const auto decide = Supported() ? &avx512::DecideBurst : &steer::DecideBurst;
  decide(snapshot, state, frames, now, verdicts);
}

struct Both {
  explicit Both(const settings::Config& config) : snapshot(*Snapshot::Build(config, 1)) {}

  // Feeds one burst to both engines; false when they disagree.
  [[nodiscard]] bool Agree(const std::vector<Bytes>& burst, Instant now) {
    const std::vector<std::span<const uint8_t>> frames(burst.begin(), burst.end());
    std::vector<Verdict> expected(frames.size());
    std::vector<Verdict> got(frames.size());
    DecideBurstScalar(*snapshot, scalar, frames, now, expected);
    Decide(*snapshot, best, frames, now, got);
    for (size_t i = 0; i < frames.size(); ++i) {
      if (expected[i] == got[i]) continue;
      ADD_FAILURE() << "frame " << i << ": " << ToString(expected[i], *snapshot) << " became "
                    << ToString(got[i], *snapshot);
      return false;
    }
    return true;
  }

  std::unique_ptr<const Snapshot> snapshot;
  LcoreState scalar{256};
  LcoreState best{256};
};

void ExpectAgreement(const settings::Config& config, uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Both both(config);
  Stream stream(config, seed);
  Instant now{std::chrono::seconds(1)};
  for (int burst = 0; burst < 300; ++burst) {
    std::vector<Bytes> frames;
    const size_t count = stream.OneIn(4) ? stream.Below(70) : kLanes;
    while (frames.size() < count) frames.push_back(stream.Next());
    now += Nanoseconds(stream.Below(stream.OneIn(20) ? 2'000'000'000 : 1000));
    ASSERT_TRUE(both.Agree(frames, now)) << "burst " << burst;
  }
  EXPECT_EQ(CountersOf(both.scalar, *both.snapshot), CountersOf(both.best, *both.snapshot));
}

TEST(Engine, AgreesWithTheScalarOneOnRandomStreams) {
  for (uint64_t seed = 1; seed <= 20; ++seed) ExpectAgreement(MakeConfig(), seed);
}

TEST(Engine, AgreesOnCookies) {
  for (uint64_t seed = 1; seed <= 10; ++seed) ExpectAgreement(MakeCookieConfig(), seed);
  Both both(MakeCookieConfig());
  Stream stream(MakeCookieConfig(), 1);
  std::vector<Bytes> frames;
  while (frames.size() < 5000) frames.push_back(stream.Next());
  ASSERT_TRUE(both.Agree(frames, Instant{std::chrono::seconds(1)}));
  for (const Rule rule : {Rule::kToken, Rule::kPlacement, Rule::kCookie, Rule::kHash}) {
    EXPECT_GT(both.best.counters().rules[static_cast<size_t>(rule)].Read(), 20U) << Name(rule);
  }
  for (const Note note : {Note::kCookieEpoch, Note::kCookieCheck, Note::kCookieUnroutable}) {
    EXPECT_GT(both.best.counters().notes[static_cast<size_t>(note)].Read(), 20U) << Name(note);
  }
}

// Without this, agreement on cookies could mean that all of them went to the scalar engine.
TEST(Engine, ReadsCookiesInLanes) {
  if (!Supported()) return;
  const Both both(MakeCookieConfig());
  Stream stream(MakeCookieConfig(), 1);
  size_t cookies = 0, echoes = 0, named = 0;
  for (int burst = 0; burst < 200; ++burst) {
    std::vector<Bytes> bytes;
    while (bytes.size() < kLanes) bytes.push_back(stream.Next());
    const std::vector<std::span<const uint8_t>> frames(bytes.begin(), bytes.end());
    Lanes lanes;
    ParseLanes(both.snapshot->fast_path(), frames, lanes);
    HashLanes(lanes);
    cookies += static_cast<size_t>(std::popcount(lanes.cookie));
    echoes += static_cast<size_t>(std::popcount(lanes.echo));
    EXPECT_EQ(lanes.echo & ~lanes.syn, 0U);
    EXPECT_EQ(lanes.cookie & lanes.syn, 0U);
    UnpermuteLanes(lanes);
    named += static_cast<size_t>(std::popcount(lanes.cookie));
    EXPECT_EQ(lanes.cookie & ~lanes.fast, 0U);
  }
  EXPECT_GT(cookies, 600U);
  EXPECT_GT(named, 400U);
  EXPECT_GT(echoes, 100U);
}

TEST(Engine, AgreesWhereAnAddressTakesFragments) {
  settings::Config config = MakeCookieConfig();
  for (settings::Vip& vip : config.pools[0].vips) vip.fragments = settings::Fragments::kByAddress;
  for (uint64_t seed = 1; seed <= 3; ++seed) ExpectAgreement(config, seed);
}

TEST(Engine, AgreesWhenAllIsPlainBalancing) {
  settings::Config config = MakeConfig();
  config.lb.steering = settings::Steering::kFiveTuple;
  ExpectAgreement(config, 1);
}

// Without this, agreement could mean that every packet went to the scalar engine.
TEST(Engine, TheStreamsMeetEveryRuleAndEveryKindOfLane) {
  settings::Config config = MakeConfig();
  config.pools[0].join_rate = 40;  // so that some are over it
  Both both(config);
  Stream stream(config, 1);
  Instant now{std::chrono::seconds(1)};
  size_t fast = 0, ipv6 = 0, syn = 0, join = 0;
  for (int burst = 0; burst < 500; ++burst) {
    std::vector<Bytes> bytes;
    while (bytes.size() < kLanes) bytes.push_back(stream.Next());
    const std::vector<std::span<const uint8_t>> frames(bytes.begin(), bytes.end());
    std::vector<Verdict> verdicts(frames.size());
    now += Nanoseconds(1000);
    Decide(*both.snapshot, both.best, frames, now, verdicts);
    if (!Supported()) continue;
    Lanes lanes;
    ParseLanes(both.snapshot->fast_path(), frames, lanes);
    fast += static_cast<size_t>(std::popcount(lanes.fast));
    ipv6 += static_cast<size_t>(std::popcount(lanes.ipv6));
    syn += static_cast<size_t>(std::popcount(lanes.syn));
    join += static_cast<size_t>(std::popcount(lanes.join));
  }
  const Counters& counters = both.best.counters();
  for (const Rule rule : {Rule::kToken, Rule::kPlacement, Rule::kCache, Rule::kHash}) {
    EXPECT_GT(counters.rules[static_cast<size_t>(rule)].Read(), 20U) << Name(rule);
  }
  EXPECT_GT(counters.drops[static_cast<size_t>(DropReason::kJoinRate)].Read(), 20U);
  if (!Supported()) return;
  EXPECT_GT(fast, 2000U);
  EXPECT_GT(ipv6, 200U);
  EXPECT_GT(syn, 200U);
  EXPECT_GT(join, 40U);
}

}  // namespace
}  // namespace joinery::steer::avx512
