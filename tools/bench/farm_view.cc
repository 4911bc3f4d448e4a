#include "tools/bench/farm_view.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/big_endian.h"
#include "crypto/sha.h"

namespace joinery::bench {
namespace {

constexpr uint32_t kFirstBackend = (198U << 24) + (18U << 16) + (64U << 8) + 2;  // 198.18.64.2
constexpr uint32_t kFirstVip = (198U << 24) + (19U << 16) + 1;                   // 198.19.0.1
constexpr uint32_t kVipsOfATurn = 1U << 15;  // even and odd turns share no address

IpAddress V4(uint32_t number) {
  std::array<uint8_t, 4> bytes;
  StoreBe32(bytes.data(), number);
  return IpAddress::V4(bytes);
}

crypto::Key128 KeyOf(std::string_view purpose, uint32_t pool, uint32_t turn) {
  const std::string text = fmt::format("{} {} {}", purpose, pool, turn);
  const crypto::Sha256Digest digest =
      crypto::Sha256({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  crypto::Key128::Bytes key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

std::vector<api::SchemeGeneration> GenerationsOf(uint32_t pool, const Turn& turn) {
  std::vector<api::SchemeGeneration> generations = {{.codepoint = Codepoint(0),
                                                     .serial = Serial(1),
                                                     .state = settings::GenerationState::kActive,
                                                     .key = KeyOf("generation", pool, 0)}};
  if (turn.keys == 0) return generations;
  generations.push_back({.codepoint = Codepoint(1),
                         .serial = Serial(1 + turn.keys),
                         .state = settings::GenerationState::kPending,
                         .key = KeyOf("generation", pool, turn.keys)});
  return generations;
}

api::PoolScheme PoolOf(const Farm& farm, const Turn& turn, uint32_t number) {
  api::PoolScheme pool;
  pool.name = fmt::format("pool{}", number);
  pool.id = PoolId(number);
  pool.hash_secret = KeyOf("hash", number, 0);
  pool.join_rate = 100'000'000;  // the benchmark means to decode, not to be limited
  const uint32_t vips = farm.vips / farm.pools;
  for (uint32_t i = 0; i < vips; ++i) {
    const uint32_t index = (number - 1) * vips + i + turn.addresses % 2 * kVipsOfATurn;
    pool.vips.push_back({.address = V4(kFirstVip + index),
                         .protocol = 6,
                         .ports = {PortRange::One(Port(80)), PortRange::One(Port(443))}});
  }
  pool.generations = GenerationsOf(number, turn);
  pool.last_serial = Serial(1 + turn.keys);
  for (uint32_t i = 0; i < farm.backends; ++i) {
    pool.members.push_back({.id = BackendId(static_cast<uint16_t>(i)),
                            .name = fmt::format("b{}", i),
                            .address = V4(kFirstBackend + (number - 1) * farm.backends + i)});
  }
  return pool;
}

}  // namespace

settings::Balancer BalancerOf() {
  settings::Balancer balancer;
  balancer.name = "bench";
  settings::PortConfig port;
  port.name = "p0";
  port.device = "net_null0";
  port.addresses = {*IpPrefix::Parse("198.18.64.1/18")};
  balancer.ports = {port};
  return balancer;
}

api::SchemePart SchemeOf(const Farm& farm, const Turn& turn, uint64_t version) {
  api::SchemePart part{.at = {.epoch = 1, .version = version}, .pools = {}};
  for (uint32_t number = 1; number <= farm.pools; ++number) {
    part.pools.push_back(PoolOf(farm, turn, number));
  }
  return part;
}

api::LoadPart LoadOf(const Farm& farm) {
  api::LoadPart part{
      .at = {.epoch = 1, .version = 1}, .scheme = {.epoch = 1, .version = 1}, .pools = {}};
  for (uint32_t number = 1; number <= farm.pools; ++number) {
    api::PoolLoad pool{.id = PoolId(number), .members = {}};
    for (uint32_t i = 0; i < farm.backends; ++i) {
      pool.members.push_back({.id = BackendId(static_cast<uint16_t>(i))});
    }
    part.pools.push_back(std::move(pool));
  }
  return part;
}

}  // namespace joinery::bench
