// A burst in lanes: lane i is packet i in every stage, each field an array of its own. A set of
// lanes is a mask: bit i is lane i. What a lane holds is meaningful only under the masks named.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ids.h"
#include "lb/steer/avx512/fast_path.h"

namespace joinery::steer::avx512 {

inline constexpr size_t kLanes = 32;
using Mask = uint32_t;
static_assert(kLanes == 8 * sizeof(Mask));

// The longest message that is hashed: two IPv6 addresses and two ports.
inline constexpr size_t kMaxWords = 5;
inline constexpr size_t kIpv4Words = 2;
inline constexpr size_t kIpv6Words = 5;

struct alignas(64) Lanes {
  std::array<std::array<uint64_t, kLanes>, kMaxWords> words;  // fast: what SipHash is to hash
  std::array<uint64_t, kLanes> key0;                          // fast
  std::array<uint64_t, kLanes> key1;                          // fast
  std::array<uint64_t, kLanes> hashes;                        // fast, after HashLanes
  std::array<const Service*, kLanes> services;                // fast
  std::array<uint16_t, kLanes> pools;                         // fast
  std::array<uint16_t, kLanes> ip_lengths;                    // fast
  std::array<Token, kLanes> tokens;                           // join

  // Everything else is a lane for the scalar engine: `fast` packets are whole TCP segments to a
  // service of the FastPath, in the plainest form, and will be forwarded.
  Mask fast = 0;
  Mask ipv6 = 0;  // of the fast ones, the rest is IPv4
  Mask syn = 0;   // of the fast ones: SYN without ACK, with MP_JOIN or without
  Mask join = 0;  // of the syn ones: with MP_JOIN, in a pool that decodes tokens
};
static_assert(sizeof(Lanes::key0) % 64 == 0, "the arrays before `services` begin at cache lines");

// Fills in everything but the hashes. At most kLanes frames.
void ParseLanes(const FastPath& fast_path, std::span<const std::span<const uint8_t>> frames,
                Lanes& lanes) noexcept;

// The flow hash (lb/steer/flow_hash.h) of each fast lane.
void HashLanes(Lanes& lanes) noexcept;

}  // namespace joinery::steer::avx512
