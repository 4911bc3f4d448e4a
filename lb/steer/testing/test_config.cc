#include "lb/steer/testing/test_config.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tokenmap/derived_token.h"
#include "tokenmap/token_decoder.h"
#include "tokenmap/token_encoder.h"

namespace joinery::steer::testing {
namespace {

[[noreturn]] void Die(std::string_view what, std::string_view name) {
  std::fprintf(stderr, "test configuration: %.*s: %.*s\n", static_cast<int>(what.size()),
               what.data(), static_cast<int>(name.size()), name.data());
  std::abort();
}

settings::Key128 KeyFrom(uint8_t first) {
  settings::Key128::Bytes key{};
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(first + i);
  return key;
}

settings::Backend MakeBackend(const char* name, uint16_t id, const char* address) {
  return {.name = name, .id = BackendId(id), .address = *IpAddress::Parse(address)};
}

settings::Vip MakeVip(const char* address, uint8_t protocol, std::vector<PortRange> ports) {
  return {.address = *IpAddress::Parse(address), .protocol = protocol, .ports = std::move(ports)};
}

PortRange One(uint16_t port) { return PortRange::One(Port(port)); }

settings::Pool WebPool() {
  settings::Pool pool;
  pool.name = "web";
  pool.id = PoolId(1);
  pool.handshake = settings::Handshake::kDerived;
  pool.scheme.algorithm = settings::Algorithm::kFf1;
  pool.scheme.id_bits = 8;
  pool.scheme.generations.resize(2);
  pool.scheme.generations[0].codepoint = Codepoint(0);
  pool.scheme.generations[0].serial = Serial(6);
  pool.scheme.generations[0].state = settings::GenerationState::kDraining;
  pool.scheme.generations[0].key = KeyFrom(0x20);
  pool.scheme.generations[1].codepoint = Codepoint(1);
  pool.scheme.generations[1].serial = Serial(7);
  pool.scheme.generations[1].key = KeyFrom(0x40);
  pool.hash_secret = KeyFrom(0x60);
  constexpr uint8_t kTcp = 6;
  constexpr uint8_t kUdp = 17;
  for (const char* address : {"198.18.1.1", "2001:db8:1::1"}) {
    const PortRange range{Port(8000), Port(8099)};
    pool.vips.push_back(MakeVip(address, kTcp, {One(80), One(443), range}));
    pool.vips.push_back(MakeVip(address, kUdp, {One(443)}));
  }
  pool.backends = {MakeBackend("b1", 5, "198.18.0.11"), MakeBackend("b2", 9, "198.18.0.12"),
                   MakeBackend("b3", 12, "198.18.0.13")};
  return pool;
}

settings::Pool ApiPool() {
  settings::Pool pool;
  pool.name = "api";
  pool.id = PoolId(2);
  pool.handshake = settings::Handshake::kExplicit;
  pool.scheme.algorithm = settings::Algorithm::kPlain;
  pool.scheme.id_bits = 6;
  pool.scheme.generations.resize(1);
  pool.scheme.generations[0].serial = Serial(1);
  pool.hash_secret = KeyFrom(0x80);
  pool.vips = {MakeVip("198.18.1.2", 6, {One(80)}), MakeVip("198.18.1.3", 6, {PortRange::All()}),
               MakeVip("198.18.1.3", 17, {PortRange::All()})};
  pool.backends = {MakeBackend("a1", 1, "198.18.0.21"), MakeBackend("a2", 2, "198.18.0.22")};
  return pool;
}

const settings::Pool& HomeOf(const settings::Config& config, std::string_view backend) {
  for (const settings::Pool& pool : config.pools) {
    for (const settings::Backend& b : pool.backends) {
      if (b.name == backend) return pool;
    }
  }
  Die("no such backend", backend);
}

BackendId IdOf(const settings::Pool& pool, std::string_view backend) {
  for (const settings::Backend& b : pool.backends) {
    if (b.name == backend) return b.id;
  }
  Die("no such backend", backend);
}

tokenmap::Scheme SchemeOf(const settings::Pool& pool) {
  const auto algorithm = pool.scheme.algorithm == settings::Algorithm::kPlain
                             ? tokenmap::Algorithm::kPlain
                             : tokenmap::Algorithm::kFf1;
  return *tokenmap::Scheme::Create(algorithm, pool.id, pool.scheme.generation_bits,
                                   pool.scheme.id_bits);
}

tokenmap::GenerationKey GenerationOf(const settings::Pool& pool, uint8_t codepoint) {
  for (const settings::Generation& g : pool.scheme.generations) {
    if (g.codepoint.value() == codepoint) {
      return {.codepoint = g.codepoint, .serial = g.serial, .key = g.key};
    }
  }
  Die("no such generation in pool", pool.name);
}

}  // namespace

settings::Config TestConfig() {
  settings::Config config;
  settings::PortConfig port;
  port.name = "lan";
  port.device = "net_null0";
  port.addresses = {*IpPrefix::Parse("198.18.0.1/24"), *IpPrefix::Parse("2001:db8::1/64")};
  port.gateways = {*IpAddress::Parse("198.18.0.254"), *IpAddress::Parse("2001:db8::fe")};
  config.lb.ports = {port};
  config.pools = {WebPool(), ApiPool()};
  return config;
}

settings::Pool& PoolOf(settings::Config& config, std::string_view pool) {
  for (settings::Pool& p : config.pools) {
    if (p.name == pool) return p;
  }
  Die("no such pool", pool);
}

settings::Backend& BackendOf(settings::Config& config, std::string_view backend) {
  for (settings::Pool& pool : config.pools) {
    for (settings::Backend& b : pool.backends) {
      if (b.name == backend) return b;
    }
  }
  Die("no such backend", backend);
}

void AddCookie(settings::Config& config) {
  settings::Cookie& cookie = PoolOf(config, "web").cookie.emplace();
  cookie.rule = settings::CookieRule::kTrusted;
  cookie.epochs.resize(2);
  cookie.epochs[0].serial = Serial(6);
  cookie.epochs[0].state = settings::GenerationState::kDraining;
  cookie.epochs[0].key = KeyFrom(0xa0);
  cookie.epochs[1].serial = Serial(7);
  cookie.epochs[1].key = KeyFrom(0xc0);
}

uint32_t EchoOf(const settings::Config& config, std::string_view backend, uint64_t serial,
                const tokenmap::TwinFlow& flow, uint32_t tsval) {
  const settings::Pool& pool = HomeOf(config, backend);
  if (!pool.cookie) Die("no cookie in pool", pool.name);
  for (const settings::CookieEpoch& epoch : pool.cookie->epochs) {
    if (epoch.serial.value() != serial) continue;
    const tokenmap::CookieTwin twin(epoch.key, serial, pool.scheme.id_bits);
    return twin.Encode(flow, IdOf(pool, backend).value(), tsval);
  }
  Die("no such epoch in pool", pool.name);
}

std::unique_ptr<const Snapshot> BuildOrDie(const settings::Config& config, uint64_t version,
                                           const Snapshot* previous) {
  auto snapshot = Snapshot::Build(config, version, previous);
  if (!snapshot) Die("Build refuses", snapshot.error().message);
  return *std::move(snapshot);
}

Token TokenOf(const settings::Config& config, std::string_view backend, uint8_t codepoint,
              uint32_t nonce) {
  const settings::Pool& pool = HomeOf(config, backend);
  const auto encoder =
      tokenmap::TokenEncoder::Create(SchemeOf(pool), GenerationOf(pool, codepoint));
  if (!encoder) Die("no encoder for", backend);
  return *encoder->Encode(IdOf(pool, backend), nonce);
}

uint64_t KeyOf(const settings::Config& config, std::string_view backend, uint8_t codepoint,
               uint8_t mptcp_version) {
  const settings::Pool& pool = HomeOf(config, backend);
  const tokenmap::GenerationKey generation = GenerationOf(pool, codepoint);
  const auto decoder = tokenmap::TokenDecoder::Create(SchemeOf(pool), {&generation, 1});
  if (!decoder) Die("no decoder for", backend);
  for (uint64_t key = 1;; ++key) {
    const tokenmap::Decoded decoded = decoder->Decode(tokenmap::DerivedToken(key, mptcp_version));
    if (decoded.status == tokenmap::DecodeStatus::kOk && decoded.id == IdOf(pool, backend)) {
      return key;
    }
  }
}

}  // namespace joinery::steer::testing
