#include "lb/steer/testing/random_packets.h"

#include <string>

#include <fmt/format.h>

#include "base/random.h"
#include "lb/steer/testing/test_config.h"

namespace joinery::steer::testing {
namespace {

using namespace wire::testing;  // NOLINT(google-build-using-namespace): a test's words
using wire::kAck;
using wire::kFin;
using wire::kPsh;
using wire::kRst;
using wire::kSyn;

class Maker {
 public:
  Maker(const settings::Config& config, uint64_t seed) : config_(config), random_(seed) {
    // Keys take many tries each, so a few are made ahead.
    for (const char* backend : {"b1", "b2", "b3"}) {
      for (const uint8_t codepoint : {uint8_t{0}, uint8_t{1}}) {
        tokens_.push_back(TokenOf(config, backend, codepoint));
        keys_.push_back(KeyOf(config, backend, codepoint));
      }
    }
    for (const char* backend : {"a1", "a2"}) tokens_.push_back(TokenOf(config, backend, 0));
  }

  Bytes Next() {
    Bytes frame = Whole();
    if (random_.Below(16) == 0) Mutilate(frame);
    return frame;
  }

 private:
  template <typename T>
  const T& Any(const std::vector<T>& of) {
    return of[random_.Below(static_cast<uint32_t>(of.size()))];
  }

  IpSpec Ip() {
    IpSpec ip;
    if (random_.Below(3) == 0) {
      ip.source = fmt::format("2001:db8:5::{}", 1 + random_.Below(9));
      ip.destination = random_.Below(20) == 0 ? "2001:db8::1" : "2001:db8:1::1";
    } else {
      ip.source = fmt::format("198.18.5.{}", 1 + random_.Below(9));
      ip.destination = fmt::format("198.18.1.{}", 1 + random_.Below(20) / 6);
    }
    ip.ttl = random_.Below(20) == 0 ? static_cast<uint8_t>(random_.Below(3)) : uint8_t{64};
    if (random_.Below(30) == 0) ip.fragment = 0x2000;
    return ip;
  }

  Token AnyToken() { return random_.Below(4) == 0 ? Token(random_.Uint32()) : Any(tokens_); }
  uint64_t AnyKey() { return random_.Below(4) == 0 ? random_.Uint64() : Any(keys_); }

  // Often none, as most packets have none that matters.
  Bytes Options() {
    switch (random_.Below(12)) {
      case 0:
        return MpJoinSynOption(AnyToken());
      case 1:
        return MpCapableSynOption();
      case 2:
        return MpCapableKeysOption(1, AnyKey());
      case 3:
        return MpCapableTokensOption(Token(1), AnyToken());
      case 4:
        return MpFastcloseOption(AnyKey());
      case 5:
        return Join({TimestampsOption(5, 6), MpJoinSynOption(AnyToken())});
      case 6:
        return Join({MpCapableSynOption(), MpJoinSynOption(AnyToken())});
      case 7:
        return TimestampsOption(random_.Uint32(), random_.Uint32());
      default:
        return {};
    }
  }

  Bytes Whole() {
    switch (random_.Below(24)) {
      case 0:
        return BuildUdp({.ip = Ip(), .source_port = Port(), .destination_port = ServicePort(443)});
      case 1:
        return BuildIcmp(Ip(), {static_cast<uint8_t>(random_.Below(140)), 0, 0, 0, 1, 2, 3, 4});
      case 2:
        return BuildIp(Ip(), 50, Bytes(8));
      case 3:
        return BuildEthernet({}, 0x88cc, Bytes(30));
      default:
        break;
    }
    static constexpr uint8_t kFlags[] = {kSyn, kSyn,        kSyn,        kAck, kAck,
                                         kAck, kAck | kPsh, kAck | kFin, kRst, kSyn | kAck};
    const uint8_t flags = kFlags[random_.Below(std::size(kFlags))];
    TcpSpec spec{.ip = Ip(),
                 .source_port = Port(),
                 .destination_port = ServicePort(80),
                 .flags = flags,
                 .options = Options(),
                 .payload = Bytes(PayloadLength())};
    if (config_.pools[0].cookie && random_.Below(3) == 0) spec.options = Echo(spec);
    return BuildTcp(spec);
  }

  // What a client of a backend of "web" echoes, now and then of the flow beside it.
  Bytes Echo(const TcpSpec& spec) {
    const char* backends[] = {"b1", "b2", "b3"};
    const tokenmap::TwinFlow flow{.client = wire::testing::Ip(spec.ip.source),
                                  .vip = wire::testing::Ip(spec.ip.destination),
                                  .client_port = joinery::Port(static_cast<uint16_t>(
                                      spec.source_port + (random_.Below(6) == 0 ? 1 : 0))),
                                  .vip_port = joinery::Port(spec.destination_port)};
    const uint32_t echo =
        EchoOf(config_, backends[random_.Below(3)], 6 + random_.Below(2), flow, random_.Uint32());
    const Bytes timestamps = TimestampsOption(1, echo);
    switch (random_.Below(4)) {
      case 0:
        return Join({timestamps, MpCapableKeysOption(1, AnyKey())});
      case 1:
        return Join({{1, 1}, timestamps});
      default:
        return timestamps;
    }
  }

  // What an option means can depend on there being none; now and then it is too much.
  size_t PayloadLength() {
    if (random_.Below(30) == 0) return 1461;
    return random_.Below(2) == 0 ? 0 : random_.Below(9);
  }
  uint16_t Port() { return static_cast<uint16_t>(1024 + random_.Below(40)); }

  // Mostly `usual`; now and then one that is near a range or in it, or that nobody serves.
  uint16_t ServicePort(uint16_t usual) {
    static constexpr uint16_t kOthers[] = {0, 81, 7999, 8000, 8001, 8050, 8099, 8100, 65535};
    return random_.Below(6) == 0 ? kOthers[random_.Below(std::size(kOthers))] : usual;
  }

  void Mutilate(Bytes& frame) {
    if (random_.Below(2) == 0) {
      frame.resize(random_.Below(static_cast<uint32_t>(frame.size())));
    } else {
      frame[random_.Below(static_cast<uint32_t>(frame.size()))] ^=
          static_cast<uint8_t>(1 + random_.Below(255));
    }
  }

  const settings::Config& config_;
  SeededRandom random_;
  std::vector<Token> tokens_;
  std::vector<uint64_t> keys_;
};

}  // namespace

std::vector<Bytes> RandomPackets(const settings::Config& config, uint64_t seed, size_t count) {
  Maker maker(config, seed);
  std::vector<Bytes> packets;
  for (size_t i = 0; i < count; ++i) packets.push_back(maker.Next());
  return packets;
}

}  // namespace joinery::steer::testing
