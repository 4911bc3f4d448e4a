// Deterministic packets for a configuration: the same seed gives the same bytes on every machine.
// Flows are distinct for the first 2^31 packets. Frames are what an lcore receives: Ethernet, IP,
// TCP, checksums right, no payload.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/ip_address.h"
#include "base/mac_address.h"
#include "base/random.h"
#include "settings/config.h"
#include "tokenmap/timestamp_cookie.h"
#include "tokenmap/token_encoder.h"

namespace joinery::bench {

enum class Kind : uint8_t {
  kData,    // ACKs with timestamps of flows that nothing remembers: rule hash
  kSyn,     // opening SYNs of four stacks, with and without MP_CAPABLE: rule placement
  kJoin,    // SYNs with MP_JOIN and a token of one of the pool's backends: rule token
  kMix,     // 90 data, 5 SYN, 5 MP_JOIN of 100, at random
  kCookie,  // data that echo a cookie of one of the pool's backends: rule cookie
};
inline constexpr std::array kKinds = {Kind::kData, Kind::kSyn, Kind::kJoin, Kind::kMix,
                                      Kind::kCookie};

[[nodiscard]] std::string_view Name(Kind kind) noexcept;
[[nodiscard]] std::optional<Kind> KindOf(std::string_view name) noexcept;

inline constexpr size_t kMaxFrame = 128;

// Where the frames are sent to: what DPDK's net_pcap calls its first port.
inline constexpr MacAddress kBalancerMac{{0x02, 0x70, 0x63, 0x61, 0x70, 0x00}};

struct Frame {
  std::array<uint8_t, kMaxFrame> bytes{};
  uint16_t length = 0;

  [[nodiscard]] std::span<const uint8_t> span() const noexcept {
    return std::span(bytes).first(length);
  }
};

class Traffic {
 public:
  // Refuses a configuration in which a pool has no TCP VIP of the family, no backend, for MP_JOIN
  // no active generation, or for cookies no active epoch.
  [[nodiscard]] static Expected<Traffic> Create(const settings::Config& config, Kind kind,
                                                IpFamily family, uint64_t seed);

  [[nodiscard]] Frame Next();

 private:
  struct Target {
    IpAddress vip;
    Port port;
    std::vector<BackendId> backends;
    std::optional<tokenmap::TokenEncoder> encoder;
    std::optional<tokenmap::TimestampCookie> cookie;
  };

  Traffic(Kind kind, uint64_t seed) : kind_(kind), random_(seed) {}
  [[nodiscard]] Kind Draw();
  [[nodiscard]] static uint64_t HashOf(const Target& target, const IpAddress& client, Port port);
  [[nodiscard]] BackendId DrawBackend(const Target& target);
  [[nodiscard]] Token DrawToken(const Target& target);

  Kind kind_;
  SeededRandom random_;
  uint32_t flow_ = 0;
  std::vector<Target> targets_;
};

}  // namespace joinery::bench
