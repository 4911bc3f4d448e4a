// The steering ladder of docs/protocol.md section 4, for one packet to a pool: the rules are asked
// one after the other, and the first that answers wins.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "lb/steer/lcore_state.h"
#include "lb/steer/maglev.h"
#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"
#include "tokenmap/cookie_decoder.h"
#include "tokenmap/token_decoder.h"
#include "wire/packet_view.h"
#include "wire/tcp_options.h"

namespace joinery::steer {

// What the stages before know of a TCP or UDP packet to a pool's service.
struct SteeredPacket {
  const wire::PacketView& view;
  const wire::TcpOptions& options;        // empty for UDP and with steering five_tuple
  const tokenmap::Decoded* named;         // of the token that TokenNamedBy finds; or nullptr
  const tokenmap::DecodedCookie* cookie;  // of the timestamp that EchoedBy finds; or nullptr
  uint64_t hash;                          // FlowHash under the pool's secret; where `cookie` names
                                          // a backend, the cookie's hash instead
};

// The timestamp that a packet echoes to a backend of this pool, and that may be its cookie: TSecr
// is valid only with ACK (RFC 7323 section 3.2). None where the pool's timestamps are not read.
[[nodiscard]] std::optional<uint32_t> EchoedBy(const PoolEntry& pool, const wire::PacketView& view,
                                               const wire::TcpOptions& options) noexcept;

// The reachable backend that a cookie names, or kNoIndex.
[[nodiscard]] inline uint16_t BackendOf(const PoolEntry& pool,
                                        const tokenmap::DecodedCookie& cookie) noexcept {
  return cookie.status == tokenmap::CookieStatus::kOk ? pool.Find(cookie.id) : kNoIndex;
}

// The token of this pool that a packet shows: in the MP_JOIN of a SYN, in the explicit MP_CAPABLE
// of a handshake's last ACK, or derived from the key in one or in MP_FASTCLOSE. Keys cost a hash,
// so `hash_limit` may leave one unread (Note::kHashRate). None where the pool's tokens are not
// read.
[[nodiscard]] std::optional<Token> TokenNamedBy(const PoolEntry& pool, const wire::PacketView& view,
                                                const wire::TcpOptions& options, uint32_t hash_rate,
                                                RateLimit& hash_limit, Instant now,
                                                Notes& notes) noexcept;

// Rules `placement` and `hash`: the backend in the hash's slot of the pool's Maglev table.
inline void ByTable(const PoolEntry& pool, uint64_t hash, Rule rule, Verdict& verdict) noexcept {
  if (!pool.table.empty()) {
    return verdict.ForwardTo(rule, pool.table[MaglevSlot(hash, pool.table.size())]);
  }
  verdict.rule = rule;
  verdict.Drop(DropReason::kNoBackend);
}

// The rule of a packet of which nothing but the hash is read.
[[nodiscard]] inline Rule TableRuleOf(const wire::PacketView& view) noexcept {
  const bool syn = view.kind == wire::PacketKind::kTcp && view.is_syn();
  return syn ? Rule::kPlacement : Rule::kHash;
}

// Fills in the verdict of a packet to the pool `verdict.pool`; notes are added to those it has.
void ClimbLadder(const Snapshot& snapshot, LcoreState& state, const SteeredPacket& packet,
                 Instant now, Verdict& verdict) noexcept;

}  // namespace joinery::steer
