// TCP options: RFC 9293 section 3.1, RFC 7323 section 3.2, RFC 2018 section 2, RFC 8684
// sections 3.1 and 3.2; orders as the stacks named at the rows send them.
#include "tools/bench/traffic.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/big_endian.h"
#include "base/mac_address.h"
#include "base/seq_number.h"
#include "lb/steer/flow_hash.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/tcp.h"

namespace joinery::bench {
namespace {

constexpr MacAddress kRouterMac{{0x02, 0x00, 0x5e, 0x10, 0x00, 0x01}};

// The largest, so that a packet can be forwarded often before it must be restored.
constexpr uint8_t kTtl = 255;

struct Layout {
  std::string_view name;
  uint8_t flags;
  std::vector<uint8_t> options;
  std::optional<size_t> timestamps;  // where TSval stands in `options`
  std::optional<size_t> token;       // where the receiver's token stands
};

const std::array<Layout, 1>& DataLayouts() {
  static const std::array<Layout, 1> layouts = {{
      {.name = "any",
       .flags = wire::kAck,
       .options = {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0},
       .timestamps = 4,
       .token = {}},
  }};
  return layouts;
}

const std::array<Layout, 4>& SynLayouts() {
  static const std::array<Layout, 4> layouts = {{
      {.name = "linux, mptcp",
       .flags = wire::kSyn,
       .options = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7, 30, 4, 1, 1},
       .timestamps = 8,
       .token = {}},
      {.name = "linux",
       .flags = wire::kSyn,
       .options = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7},
       .timestamps = 8,
       .token = {}},
      {.name = "macos",
       .flags = wire::kSyn,
       .options = {2, 4, 5, 180, 1, 3, 3, 6, 1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 4, 2, 0, 0},
       .timestamps = 12,
       .token = {}},
      {.name = "windows",
       .flags = wire::kSyn,
       .options = {2, 4, 5, 180, 1, 3, 3, 8, 1, 1, 4, 2},
       .timestamps = {},
       .token = {}},
  }};
  return layouts;
}

const std::array<Layout, 1>& JoinLayouts() {
  static const std::array<Layout, 1> layouts = {{
      {.name = "linux",
       .flags = wire::kSyn,
       .options = {2, 4, 5, 180, 4,  2,  8,    10, 0, 0, 0, 0, 0, 0, 0, 0,
                   1, 3, 3, 7,   30, 12, 0x10, 1,  0, 0, 0, 0, 0, 0, 0, 0},
       .timestamps = 8,
       .token = 24},
  }};
  return layouts;
}

// RFC 1071, over an even number of bytes.
[[nodiscard]] uint32_t Sum(std::span<const uint8_t> bytes) noexcept {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) sum += LoadBe16(&bytes[i]);
  return sum;
}

[[nodiscard]] uint16_t Fold(uint32_t sum) noexcept {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

struct Endpoint {
  IpAddress address;
  Port port;
};

// Writes the IP header and returns its length. `payload` in bytes.
[[nodiscard]] size_t PutIp(std::span<uint8_t> out, const Endpoint& client, const Endpoint& vip,
                           size_t payload) noexcept {
  if (!vip.address.is_v4()) {
    wire::Ipv6View::Emit({.payload_length = static_cast<uint16_t>(payload),
                          .next_header = wire::kProtocolTcp,
                          .hop_limit = kTtl,
                          .source = client.address,
                          .destination = vip.address},
                         out.first<wire::Ipv6View::kLength>());
    return wire::Ipv6View::kLength;
  }
  wire::Ipv4Fields fields{
      .total_length = static_cast<uint16_t>(wire::Ipv4View::kMinLength + payload),
      .flags = wire::Ipv4View::kDontFragment,
      .time_to_live = kTtl,
      .protocol = wire::kProtocolTcp,
      .source = client.address,
      .destination = vip.address,
      .options = {}};
  wire::Ipv4View::Emit(fields, out);
  fields.header_checksum = Fold(Sum(out.first(wire::Ipv4View::kMinLength)));
  wire::Ipv4View::Emit(fields, out);
  return wire::Ipv4View::kMinLength;
}

// What a packet says to be steered by; a layout without the option has no place for it.
struct Named {
  Token token{};
  uint32_t echo = 0;  // TSecr
};

[[nodiscard]] Frame Build(const Layout& layout, const Endpoint& client, const Endpoint& vip,
                          Random& random, const Named& named) noexcept {
  std::array<uint8_t, 40> options{};
  std::copy(layout.options.begin(), layout.options.end(), options.begin());
  const bool ack = (layout.flags & wire::kAck) != 0;
  if (layout.timestamps) {
    StoreBe32(&options[*layout.timestamps], random.Uint32());
    if (ack) StoreBe32(&options[*layout.timestamps + 4], named.echo);
  }
  if (layout.token) {
    StoreBe32(&options[*layout.token], named.token.value());
    StoreBe32(&options[*layout.token + 4], random.Uint32());
  }
  wire::TcpFields tcp{.source_port = client.port,
                      .destination_port = vip.port,
                      .sequence_number = SeqNumber(random.Uint32()),
                      .acknowledgment_number = SeqNumber(ack ? random.Uint32() : 0),
                      .flags = layout.flags,
                      .window = 0xffff,
                      .options = std::span(options).first(layout.options.size())};
  const size_t segment = wire::TcpView::EncodedLength(tcp);

  Frame frame;
  const std::span<uint8_t> out(frame.bytes);
  wire::EthernetView::Emit(
      {.destination = kBalancerMac,
       .source = kRouterMac,
       .ethertype = vip.address.is_v4() ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6},
      out);
  const std::span<uint8_t> ip = out.subspan(wire::EthernetView::kMinLength);
  const std::span<uint8_t> l4 = ip.subspan(PutIp(ip, client, vip, segment)).first(segment);
  wire::TcpView::Emit(tcp, l4);
  // RFC 9293 section 3.1: the pseudo header is the addresses, the protocol and the length.
  tcp.checksum = Fold(Sum(client.address.bytes()) + Sum(vip.address.bytes()) + wire::kProtocolTcp +
                      static_cast<uint32_t>(segment) + Sum(l4));
  wire::TcpView::Emit(tcp, l4);
  frame.length = static_cast<uint16_t>(l4.data() + l4.size() - out.data());
  return frame;
}

// Multiplying by an odd number permutes the 31-bit numbers: distinct flows, no order to learn.
[[nodiscard]] Endpoint ClientOf(uint32_t flow, IpFamily family) noexcept {
  constexpr uint32_t kOdd = 0x2545f491;
  const uint32_t mixed = (flow * kOdd) & 0x7fffffff;
  const auto high = static_cast<uint16_t>(mixed >> 15);
  const Port port(static_cast<uint16_t>(0x8000 | (mixed & 0x7fff)));
  const auto a = static_cast<uint8_t>(high >> 8);
  const auto b = static_cast<uint8_t>(high);
  if (family == IpFamily::kIpv4) {
    return {IpAddress::V4(std::array<uint8_t, 4>{198, 19, a, b}), port};
  }
  return {IpAddress::V6(std::array<uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 0xc, 0, 0,  //
                                                0, 0, 0, 0, 0, 0, a, b}),
          port};
}

// Of the pool's active generation.
[[nodiscard]] Expected<tokenmap::TokenEncoder> EncoderOf(const settings::Pool& pool) {
  const auto active =
      std::find_if(pool.scheme.generations.begin(), pool.scheme.generations.end(),
                   [](const auto& g) { return g.state == settings::GenerationState::kActive; });
  if (active == pool.scheme.generations.end()) {
    return Fail("pool " + pool.name + " has no active generation");
  }
  const auto algorithm = pool.scheme.algorithm == settings::Algorithm::kFf1
                             ? tokenmap::Algorithm::kFf1
                             : tokenmap::Algorithm::kPlain;
  const auto scheme = tokenmap::Scheme::Create(algorithm, pool.id, pool.scheme.generation_bits,
                                               pool.scheme.id_bits);
  if (!scheme) return unexpected(scheme.error());
  return tokenmap::TokenEncoder::Create(
      *scheme, {.codepoint = active->codepoint, .serial = active->serial, .key = active->key});
}

[[nodiscard]] Expected<tokenmap::TimestampCookie> CookieOf(const settings::Pool& pool) {
  if (!pool.cookie) return Fail("pool " + pool.name + " has no cookie");
  const auto& epochs = pool.cookie->epochs;
  const auto active =
      std::ranges::find(epochs, settings::GenerationState::kActive, &settings::CookieEpoch::state);
  if (active == epochs.end()) return Fail("pool " + pool.name + " has no active epoch");
  return tokenmap::TimestampCookie::Create({.serial = active->serial, .key = active->key},
                                           pool.scheme.id_bits);
}

}  // namespace

std::string_view Name(Kind kind) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"data", "syn", "join", "mix", "cookie"};
  return kNames[static_cast<size_t>(kind)];
}

std::optional<Kind> KindOf(std::string_view name) noexcept {
  for (const Kind kind : kKinds) {
    if (Name(kind) == name) return kind;
  }
  return std::nullopt;
}

Expected<Traffic> Traffic::Create(const settings::Config& config, Kind kind, IpFamily family,
                                  uint64_t seed) {
  Traffic traffic(kind, seed);
  for (const settings::Pool& pool : config.pools) {
    const auto vip = std::find_if(pool.vips.begin(), pool.vips.end(), [family](const auto& v) {
      return v.protocol == 6 && v.address.family() == family;
    });
    if (vip == pool.vips.end()) return Fail("pool " + pool.name + " has no TCP VIP of the family");
    if (pool.backends.empty()) return Fail("pool " + pool.name + " has no backend");
    Target target{.vip = vip->address,
                  .port = vip->ports.front().first,
                  .backends = {},
                  .encoder = {},
                  .cookie = {}};
    for (const settings::Backend& backend : pool.backends) target.backends.push_back(backend.id);
    if (kind == Kind::kJoin || kind == Kind::kMix) {
      auto encoder = EncoderOf(pool);
      if (!encoder) return unexpected(encoder.error());
      target.encoder.emplace(std::move(*encoder));
    }
    if (kind == Kind::kCookie) {
      auto cookie = CookieOf(pool);
      if (!cookie) return unexpected(cookie.error());
      target.cookie.emplace(*cookie);
    }
    traffic.targets_.push_back(std::move(target));
  }
  if (traffic.targets_.empty()) return Fail("the configuration has no pool");
  return traffic;
}

Kind Traffic::Draw() {
  if (kind_ != Kind::kMix) return kind_;
  const uint32_t of_hundred = random_.Below(100);
  if (of_hundred < 90) return Kind::kData;
  return of_hundred < 95 ? Kind::kSyn : Kind::kJoin;
}

BackendId Traffic::DrawBackend(const Target& target) {
  return target.backends[random_.Below(static_cast<uint32_t>(target.backends.size()))];
}

Token Traffic::DrawToken(const Target& target) {
  const BackendId id = DrawBackend(target);
  // Only targets with an encoder get joins; the ID is validated, the nonce below its bound.
  const uint32_t nonce = random_.Below(uint32_t{1} << target.encoder->scheme().nonce_bits());
  return *target.encoder->Encode(id, nonce);
}

uint64_t Traffic::HashOf(const Target& target, const IpAddress& client, Port port) {
  steer::FlowRoom room;
  return target.cookie->Hash(steer::FlowBytes(
      {.client = client, .vip = target.vip, .client_port = port, .vip_port = target.port}, room));
}

Frame Traffic::Next() {
  const Target& target = targets_[random_.Below(static_cast<uint32_t>(targets_.size()))];
  const Endpoint client = ClientOf(flow_++, target.vip.family());
  const Endpoint vip{target.vip, target.port};
  Named named{.echo = random_.Uint32()};
  const Layout* layout = DataLayouts().data();
  switch (Draw()) {
    case Kind::kSyn:
      layout = &SynLayouts()[random_.Below(static_cast<uint32_t>(SynLayouts().size()))];
      break;
    case Kind::kJoin:
      layout = JoinLayouts().data();
      named.token = DrawToken(target);
      break;
    case Kind::kCookie:
      named.echo = target.cookie->Encode(DrawBackend(target),
                                         HashOf(target, client.address, client.port), named.echo);
      break;
    case Kind::kData:
    case Kind::kMix:
      break;
  }
  return Build(*layout, client, vip, random_, named);
}

}  // namespace joinery::bench
