// The rules of the ladder, the reasons for a drop and the notes a packet may earn on its way:
// docs/protocol.md section 4. Each list feeds its enum, the counters, the names in JSON and
// Prometheus, `joinery-pcap` and the docs, so there is no other list of them.
#pragma once

#include <cstdint>

#include "base/named_list.h"

namespace joinery::steer {

// (constant, name, text), in the order in which the ladder asks them.
#define JOINERY_RULES(X)                                                                     \
  X(kDirect, "direct", "the destination address or port belongs to one backend")             \
  X(kToken, "token", "an MP_JOIN SYN: the receiver's token names the backend")               \
  X(kPlacement, "placement", "any other SYN: the keyed hash of the 5-tuple picks a backend") \
  X(kCookie, "cookie", "the echoed timestamp names the backend")                             \
  X(kHandshake, "handshake", "the token or key in MP_CAPABLE or MP_FASTCLOSE names it")      \
  X(kCache, "cache", "this lcore has seen the flow begin and knows its backend")             \
  X(kHash, "hash", "nothing names a backend: the table of rule placement decides")

#define JOINERY_DROP_REASONS(X)                                                           \
  X(kNone, "none", "not dropped")                                                         \
  X(kMalformed, "malformed", "an IP, TCP, UDP or ICMP header is broken")                  \
  X(kNoService, "no_service", "a virtual address, but nothing is served on that port")    \
  X(kFragment, "fragment", "a fragment to a virtual address")                             \
  X(kIcmpUnsupported, "icmp_unsupported", "an ICMP message that is no error and no echo") \
  X(kIcmpQuote, "icmp_quote", "an ICMP error that quotes no packet of a service here")    \
  X(kTtlExpired, "ttl_expired", "the TTL or hop limit ends here")                         \
  X(kOverMtu, "over_mtu", "longer than the MTU on the way to the backend")                \
  X(kJoinRate, "join_rate", "more MP_JOIN SYNs for one backend ID than join_rate allows") \
  X(kNoBackend, "no_backend", "the pool has no backend that takes this packet")

// What is counted beside the verdict and changes nothing in it by itself.
#define JOINERY_NOTES(X)                                                                     \
  X(kJoinUnroutable, "join_unroutable", "an MP_JOIN token that names no backend here")       \
  X(kHandshakeUnroutable, "handshake_unroutable", "a handshake token that names no backend") \
  X(kCookieEpoch, "cookie_epoch", "an echoed timestamp of no live epoch: no cookie of ours") \
  X(kCookieCheck, "cookie_check", "an echoed timestamp whose check bits are wrong")          \
  X(kCookieUnroutable, "cookie_unroutable", "a cookie that names no backend here")           \
  X(kHashRate, "hash_rate", "a key left unread: more of them than hash_rate allows")         \
  X(kMptcpAmbiguous, "mptcp_ambiguous", "MP_CAPABLE or MP_JOIN twice, or both in a SYN")     \
  X(kMptcpMalformed, "mptcp_malformed", "an MPTCP option of wrong length, version or flags") \
  X(kOptionsMalformed, "options_malformed", "the TCP options end in a malformed one")        \
  X(kCacheStale, "cache_stale", "the cached backend has failed or is gone")                  \
  X(kCacheEvicted, "cache_evicted", "another flow had to leave the full cache")              \
  X(kCacheRefused, "cache_refused", "the flow found no room in the cache")                   \
  X(kIcmpError, "icmp_error", "an ICMP error, steered by the packet that it quotes")

JOINERY_NAMED_LIST(Rule, JOINERY_RULES);
JOINERY_NAMED_LIST(DropReason, JOINERY_DROP_REASONS);
JOINERY_NAMED_LIST(Note, JOINERY_NOTES);

// A set of notes: bit i is Note i.
using Notes = uint16_t;
static_assert(kNoteCount <= 16, "Notes has a bit for each note");

[[nodiscard]] constexpr Notes Bit(Note note) noexcept {
  return static_cast<Notes>(1U << static_cast<unsigned>(note));
}

}  // namespace joinery::steer
