// The ladder once more, as docs/protocol.md section 4 tells it: one packet at a time, from the
// configuration itself, with a std::map that never forgets for a cache. The real one must agree on
// every packet as long as its cache has room.
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lb/steer/maglev_slow.h"
#include "lb/steer/steer.h"
#include "lb/steer/testing/random_packets.h"
#include "lb/steer/testing/test_config.h"
#include "lb/steer/verdict_text.h"
#include "tokenmap/cookie_twin.h"
#include "tokenmap/token_decoder.h"
#include "wire/packet_view.h"
#include "wire/tcp_options.h"

namespace joinery::steer {
namespace {

using settings::BackendState;
using settings::Handshake;
using wire::PacketKind;
using wire::PacketView;

struct Answer {
  std::string what;  // a rule's name, a drop reason's or "local"
  std::string backend;

  friend bool operator==(const Answer&, const Answer&) = default;
};

std::ostream& operator<<(std::ostream& out, const Answer& a) {
  return out << a.what << " -> " << a.backend;
}

class SlowBalancer {
 public:
  explicit SlowBalancer(const settings::Config& config) : config_(config) {}

  Answer Decide(std::span<const uint8_t> frame) {
    const auto parsed = wire::ParseFrame(frame);
    if (!parsed) return {"malformed", ""};
    const PacketView& p = *parsed;
    bool vip = false;
    const settings::Pool* pool = nullptr;
    for (const settings::Pool& candidate : config_.pools) {
      for (const settings::Vip& v : candidate.vips) {
        if (v.address != p.destination || p.kind == PacketKind::kArp ||
            p.kind == PacketKind::kOther) {
          continue;
        }
        vip = true;
        const bool port = std::ranges::any_of(
            v.ports, [&](const PortRange& range) { return range.Contains(p.destination_port); });
        const bool layer4 = p.kind == PacketKind::kTcp || p.kind == PacketKind::kUdp;
        if (layer4 && v.protocol == p.protocol && port) pool = &candidate;
      }
    }
    if (!vip) return {"local", ""};
    if (p.kind == PacketKind::kFragment) {
      pool = TakerOf(p.destination);
      if (pool == nullptr) return {"fragment", ""};
    }
    if (p.kind == PacketKind::kIcmp) return Icmp(p);
    if (pool == nullptr) return {"no_service", ""};
    if (p.ttl <= 1) return {"ttl_expired", ""};
    Answer answer = TakerOf(p.destination) != nullptr ? ByAddresses(*pool, p) : Steer(*pool, p);
    if (p.ip_length > config_.lb.ports[0].mtu && answer.what != "no_backend") {
      answer.what = "over_mtu";
    }
    return answer;
  }

 private:
  using FlowKey = std::tuple<PoolId, IpAddress, IpAddress, Port, Port>;

  // The pool that takes fragments to this address.
  [[nodiscard]] const settings::Pool* TakerOf(const IpAddress& address) const {
    for (const settings::Pool& pool : config_.pools) {
      for (const settings::Vip& vip : pool.vips) {
        if (vip.address == address && vip.fragments == settings::Fragments::kByAddress) {
          return &pool;
        }
      }
    }
    return nullptr;
  }

  static Answer Icmp(const PacketView& p) {
    const uint8_t type = p.frame[p.l4_offset];
    const bool echo = type == (p.family == IpFamily::kIpv4 ? 8 : 128);
    const bool ndp = p.family == IpFamily::kIpv6 && type >= 133 && type <= 137;
    if (echo || ndp) return {"local", ""};
    // The packets here quote none.
    const bool error = p.family == IpFamily::kIpv4 ? type == 3 || type == 11 || type == 12
                                                   : type >= 1 && type <= 4;
    return {error ? "icmp_quote" : "icmp_unsupported", ""};
  }

  Answer Steer(const settings::Pool& pool, const PacketView& p) {
    const bool joinery =
        config_.lb.steering == settings::Steering::kJoinery && p.kind == PacketKind::kTcp;
    const bool syn = p.kind == PacketKind::kTcp && p.is_syn();
    if (!joinery) return Table(syn ? "placement" : "hash", pool, p);
    const FlowKey flow{pool.id, p.source, p.destination, p.source_port, p.destination_port};
    const wire::TcpOptions options = wire::ScanTcpOptions(p);
    if (syn && options.join_token) {
      const auto* backend = Named(pool, *options.join_token);
      if (backend == nullptr) return Table("hash", pool, p);
      cache_[flow] = backend->name;
      return {"token", backend->name};
    }
    if (syn) {
      const Answer answer = Table("placement", pool, p);
      if (!pool.cookie || !options.timestamps) cache_[flow] = answer.backend;
      return answer;
    }
    if (const auto* backend = FromCookie(pool, p, options)) return {"cookie", backend->name};
    if (const auto* backend = FromHandshake(pool, p, options)) {
      cache_[flow] = backend->name;
      return {"handshake", backend->name};
    }
    if (cache_.contains(flow)) {
      for (const settings::Backend& b : pool.backends) {
        if (b.name == cache_[flow] && b.state != BackendState::kFailed) return {"cache", b.name};
      }
    }
    return Table("hash", pool, p);
  }

  static const settings::Backend* Named(const settings::Pool& pool, Token token) {
    if (pool.handshake == Handshake::kNone) return nullptr;
    const auto scheme = tokenmap::Scheme::Create(
        pool.scheme.algorithm == settings::Algorithm::kPlain ? tokenmap::Algorithm::kPlain
                                                             : tokenmap::Algorithm::kFf1,
        pool.id, pool.scheme.generation_bits, pool.scheme.id_bits);
    for (const settings::Generation& g : pool.scheme.generations) {
      const tokenmap::GenerationKey key{.codepoint = g.codepoint, .serial = g.serial, .key = g.key};
      const auto decoded = tokenmap::TokenDecoder::Create(*scheme, {&key, 1})->Decode(token);
      if (decoded.status != tokenmap::DecodeStatus::kOk) continue;
      for (const settings::Backend& b : pool.backends) {
        if (b.id == decoded.id && b.state != BackendState::kFailed) return &b;
      }
    }
    return nullptr;
  }

  static const settings::Backend* FromCookie(const settings::Pool& pool, const PacketView& p,
                                             const wire::TcpOptions& options) {
    if (!pool.cookie || !options.timestamps || (p.tcp_flags & wire::kAck) == 0) return nullptr;
    const tokenmap::TwinFlow flow{.client = p.source,
                                  .vip = p.destination,
                                  .client_port = p.source_port,
                                  .vip_port = p.destination_port};
    for (const settings::CookieEpoch& epoch : pool.cookie->epochs) {
      const tokenmap::CookieTwin twin(epoch.key, epoch.serial.value(), pool.scheme.id_bits);
      const auto id = twin.Decode(flow, options.timestamps->echo_reply);
      if (!id) continue;
      for (const settings::Backend& b : pool.backends) {
        if (b.id.value() == *id && b.state != BackendState::kFailed) return &b;
      }
    }
    return nullptr;
  }

  static const settings::Backend* FromHandshake(const settings::Pool& pool, const PacketView& p,
                                                const wire::TcpOptions& options) {
    const bool ack = (p.tcp_flags & (wire::kSyn | wire::kAck)) == wire::kAck;
    using enum wire::MpCapableForm;
    if (pool.handshake == Handshake::kExplicit && ack && options.mp_capable == kExplicitToken) {
      return Named(pool, options.receiver_token);
    }
    if (pool.handshake != Handshake::kDerived) return nullptr;
    if (ack && options.mp_capable == kKeys) {
      return Named(pool, tokenmap::DerivedToken(options.receiver_key, options.mp_version));
    }
    if (options.fastclose_key) {
      return Named(pool, tokenmap::DerivedToken(*options.fastclose_key, 1));
    }
    return nullptr;
  }

  Answer ByAddresses(const settings::Pool& pool, const PacketView& p) {
    const bool syn = p.kind == PacketKind::kTcp && p.is_syn();
    return Table(syn ? "placement" : "hash", pool, p, false);
  }

  Answer Table(const char* rule, const settings::Pool& pool, const PacketView& p,
               bool ports = true) {
    auto& table = tables_[pool.name];
    if (table.empty()) {
      std::vector<MaglevBackend> placed;
      for (uint16_t i = 0; i < pool.backends.size(); ++i) {
        const settings::Backend& b = pool.backends[i];
        const uint32_t weight = b.state == BackendState::kUp ? b.weight : 0;
        placed.push_back({.name = b.name, .weight = weight, .value = i});
      }
      table = SlowMaglevTable(placed, pool.hash_secret, pool.table_size);
    }
    if (table.empty()) return {"no_backend", ""};
    std::vector<uint8_t> message;
    for (const IpAddress& a : {p.source, p.destination}) {
      message.insert(message.end(), a.bytes().begin(), a.bytes().end());
    }
    for (const Port port : {p.source_port, p.destination_port}) {
      if (!ports) break;
      message.push_back(static_cast<uint8_t>(port.value() >> 8));
      message.push_back(static_cast<uint8_t>(port.value() & 0xff));
    }
    const uint64_t hash = crypto::SipHash13(pool.hash_secret, message);
    const auto slot =
        static_cast<size_t>((static_cast<unsigned __int128>(hash >> 32) * table.size()) >> 32);
    return {rule, pool.backends[table[slot]].name};
  }

  const settings::Config& config_;
  std::map<FlowKey, std::string> cache_;
  std::map<std::string, std::vector<uint16_t>> tables_;
};

Answer AnswerOf(const Verdict& verdict, const Snapshot& snapshot) {
  Answer answer;
  switch (verdict.action) {
    case Action::kForward:
      answer.what = Name(verdict.rule);
      break;
    case Action::kDrop:
      answer.what = Name(verdict.reason);
      break;
    case Action::kLocal:
    case Action::kCopy:
      answer.what = Name(verdict.action);
      break;
  }
  if (verdict.backend != kNoIndex) answer.backend = snapshot.backends()[verdict.backend].name;
  return answer;
}

struct Row {
  const char* name;
  settings::Steering steering = settings::Steering::kJoinery;
  BackendState b1 = BackendState::kUp;
  BackendState b2 = BackendState::kUp;
  Handshake web = Handshake::kDerived;
  bool cookies = false;
  const char* takes_fragments = "";  // a VIP
};

TEST(SteerTwin, AgreesOnRandomPackets) {
  for (const Row& row : {
           Row{.name = "all up"},
           Row{.name = "one draining, one down",
           .b1 = BackendState::kDraining,
           .b2 = BackendState::kDown},
           Row{.name = "one failed", .b1 = BackendState::kFailed},
           Row{.name = "stock servers", .web = Handshake::kNone},
           Row{.name = "explicit", .web = Handshake::kExplicit},
           Row{.name = "cookies, one backend failed", .b1 = BackendState::kFailed, .cookies = true},
           Row{.name = "cookies of stock servers", .web = Handshake::kNone, .cookies = true},
           Row{.name = "fragments", .cookies = true, .takes_fragments = "198.18.1.3"},
           Row{.name = "five_tuple, fragments",
           .steering = settings::Steering::kFiveTuple,
           .takes_fragments = "198.18.1.1"},
           Row{.name = "five_tuple", .steering = settings::Steering::kFiveTuple},
       }) {
    settings::Config config = testing::TestConfig();
    config.lb.steering = row.steering;
    for (settings::Pool& pool : config.pools) pool.table_size = 251;
    testing::BackendOf(config, "b1").state = row.b1;
    testing::BackendOf(config, "b2").state = row.b2;
    testing::PoolOf(config, "web").handshake = row.web;
    for (settings::Pool& pool : config.pools) {
      for (settings::Vip& vip : pool.vips) {
        if (ToString(vip.address) == row.takes_fragments) {
          vip.fragments = settings::Fragments::kByAddress;
        }
      }
    }
    settings::Config usual = testing::TestConfig();
    if (row.cookies) {
      testing::AddCookie(config);
      testing::AddCookie(usual);
    }
    constexpr uint64_t kSeed = 20;
    const auto packets = testing::RandomPackets(usual, kSeed, 6000);
    const std::vector<std::span<const uint8_t>> frames(packets.begin(), packets.end());
    const auto snapshot = testing::BuildOrDie(config);
    LcoreState state(1 << 20);
    std::vector<Verdict> verdicts(frames.size());
    DecideBurst(*snapshot, state, frames, Instant{} + std::chrono::hours(1), verdicts);
    SlowBalancer twin(config);
    std::map<std::string, int> seen;
    for (size_t i = 0; i < frames.size(); ++i) {
      const Answer expected = twin.Decide(frames[i]);
      ASSERT_EQ(AnswerOf(verdicts[i], *snapshot), expected)
          << row.name << ", packet " << i << " of seed " << kSeed << ": "
          << ToString(verdicts[i], *snapshot);
      ++seen[expected.what];
    }
    EXPECT_GT(seen["placement"], 100) << row.name;
    EXPECT_GT(seen["hash"], 100) << row.name;
    if (row.steering == settings::Steering::kJoinery) {
      EXPECT_GT(seen["cache"], 100) << row.name;
      // Few where one pool only has tokens; compilers draw the random fields in different orders.
      EXPECT_GT(seen["token"], 4) << row.name;
      EXPECT_GT(seen["handshake"], 0) << row.name;
      EXPECT_GE(seen["cookie"], row.cookies ? 200 : 0) << row.name;
    }
  }
}

// However a stream is cut into bursts, the verdicts are the same.
TEST(SteerTwin, BurstsDoNotMatter) {
  const settings::Config config = testing::TestConfig();
  const auto packets = testing::RandomPackets(config, 21, 3000);
  const std::vector<std::span<const uint8_t>> frames(packets.begin(), packets.end());
  const auto snapshot = testing::BuildOrDie(config);
  std::vector<Verdict> whole(frames.size());
  LcoreState state(65536);
  const Instant now = Instant{} + std::chrono::hours(1);
  DecideBurst(*snapshot, state, frames, now, whole);
  for (const size_t burst : {1, 7, 32, 33}) {
    LcoreState other(65536);
    std::vector<Verdict> cut(frames.size());
    for (size_t at = 0; at < frames.size(); at += burst) {
      const size_t n = std::min(burst, frames.size() - at);
      DecideBurst(*snapshot, other, std::span(frames).subspan(at, n), now,
                  std::span(cut).subspan(at, n));
    }
    EXPECT_EQ(cut, whole) << "bursts of " << burst;
  }
}

// Two balancers with one configuration and no link between them; the second has another past.
TEST(SteerTwin, TwoBalancersAgreeWithoutSharedState) {
  const settings::Config config = testing::TestConfig();
  settings::Config past = config;
  std::swap(past.pools[0], past.pools[1]);
  const auto packets = testing::RandomPackets(config, 22, 6000);
  const std::vector<std::span<const uint8_t>> frames(packets.begin(), packets.end());
  const auto one = testing::BuildOrDie(config, 1);
  const auto before = testing::BuildOrDie(past, 1);
  const auto two = testing::BuildOrDie(config, 2, before.get());
  LcoreState state_one(65536), state_two(65536);
  std::vector<Verdict> verdicts_one(frames.size()), verdicts_two(frames.size());
  const Instant now = Instant{} + std::chrono::hours(1);
  DecideBurst(*one, state_one, frames, now, verdicts_one);
  DecideBurst(*two, state_two, frames, now, verdicts_two);
  for (size_t i = 0; i < frames.size(); ++i) {
    ASSERT_EQ(ToString(verdicts_one[i], *one), ToString(verdicts_two[i], *two)) << "packet " << i;
  }
}

}  // namespace
}  // namespace joinery::steer
