// A burst in lanes: lane i is packet i in every stage, each field an array of its own. A set of
// lanes is a mask: bit i is lane i. What a lane holds is meaningful only under the masks named.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/ids.h"
#include "lb/steer/avx512/fast_path.h"
#include "lb/steer/avx512/target.h"

namespace joinery::steer::avx512 {
inline namespace JOINERY_LANES {

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
  std::array<uint64_t, kLanes> rounds;                        // cookie: of its epoch
  std::array<uint64_t, kLanes> codes;                         // cookie: TSecr's low bits
  std::array<uint64_t, kLanes> code_bits;                     // cookie: how many those are
  std::array<const Service*, kLanes> services;                // fast
  std::array<uint16_t, kLanes> pools;                         // fast
  std::array<uint16_t, kLanes> ip_lengths;                    // fast
  std::array<Token, kLanes> tokens;                           // join
  std::array<uint8_t, kLanes> residues;                       // cookie: of its epoch
  alignas(16) std::array<uint16_t, kLanes> cookie_ids;        // cookie, after UnpermuteLanes

  // Everything else is a lane for the scalar engine: `fast` packets are whole TCP segments to a
  // service of the FastPath, in the plainest form, and will be forwarded.
  Mask fast = 0;
  Mask ipv6 = 0;    // of the fast ones, the rest is IPv4
  Mask syn = 0;     // of the fast ones: SYN without ACK, with MP_JOIN or without
  Mask join = 0;    // of the syn ones: with MP_JOIN, in a pool that decodes tokens
  Mask echo = 0;    // of the syn ones without MP_JOIN: cookies will name the flow's backend
  Mask cookie = 0;  // of those that are no SYN: with an echoed timestamp of a live epoch
};
static_assert(sizeof(Lanes::key0) % 64 == 0, "the arrays before `services` begin at cache lines");

// Fills in everything but the hashes. At most kLanes frames.
void ParseLanes(const FastPath& fast_path, std::span<const std::span<const uint8_t>> frames,
                Lanes& lanes) noexcept;

// The hash of each fast lane's flow: lb/steer/flow_hash.h, or the cookie's H.
void HashLanes(Lanes& lanes) noexcept;

// The ID in each cookie, of hashed lanes. What the check bits show to be no cookie is left to the
// scalar engine.
void UnpermuteLanes(Lanes& lanes) noexcept;

}  // namespace JOINERY_LANES
}  // namespace joinery::steer::avx512
