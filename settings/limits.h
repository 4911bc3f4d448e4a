// How much of each thing one configuration may hold. What depends on the token's layout comes from
// tokenmap/scheme.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace joinery::settings {

inline constexpr size_t kMaxPools = 256;
inline constexpr size_t kMaxVipsPerPool = 256;
inline constexpr size_t kMaxPortsPerVip = 1024;  // ports and ranges
inline constexpr size_t kMaxPorts = 16;          // of the balancer
inline constexpr size_t kMaxAddressesPerPort = 16;
inline constexpr size_t kMaxGatewaysPerPort = 2;  // one of each family
inline constexpr size_t kMaxEalOptions = 64;
inline constexpr size_t kMaxBalancers = 256;
inline constexpr size_t kMaxListeners = 16;
inline constexpr size_t kMaxLocalListeners = 64;
inline constexpr size_t kMaxLocalUsers = 64;

inline constexpr size_t kMaxSourcePrefixes = 2;  // of checks: one of each family
inline constexpr int64_t kMaxCheck_ms = 3'600'000;

inline constexpr int64_t kMaxCpu = 127;  // DPDK's RTE_MAX_LCORE is 128 in Debian
inline constexpr size_t kMaxNameBytes = 63;
inline constexpr size_t kMaxTextBytes = 255;
inline constexpr size_t kMaxSocketPathBytes = 107;  // sun_path of unix(7), less its final zero

// Beside the stats socket is one for requests, which has a longer name.
inline constexpr std::string_view kRequestsSuffix = ".http";
inline constexpr size_t kMaxStatsSocketBytes = kMaxSocketPathBytes - kRequestsSuffix.size();

inline constexpr int64_t kMinMtu = 1280;  // RFC 8200 section 5
inline constexpr int64_t kMaxMtu = 9216;
inline constexpr int64_t kMinVlan = 1;  // IEEE 802.1Q table 9-2: 0 and 4095 name no VLAN
inline constexpr int64_t kMaxVlan = 4094;
inline constexpr int64_t kMinCacheFlows = 1024;
inline constexpr int64_t kMaxCacheFlows = 1 << 24;
inline constexpr int64_t kMaxHashRate = 100'000'000;
inline constexpr int64_t kMaxJoinRate = 100'000'000;
inline constexpr int64_t kMinTableSize = 251;
inline constexpr int64_t kMaxTableSize = 16'777'213;  // the largest prime of 24 bits
inline constexpr int64_t kMaxWeight = 1000;

}  // namespace joinery::settings
