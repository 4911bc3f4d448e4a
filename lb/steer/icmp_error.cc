#include "lb/steer/icmp_error.h"

#include <optional>

#include "base/big_endian.h"
#include "crypto/siphash.h"
#include "lb/steer/flow_hash.h"
#include "lb/steer/ladder.h"
#include "lb/steer/maglev.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp_option.h"

namespace joinery::steer {
namespace {

void Drop(DropReason reason, Verdict& verdict) noexcept {
  verdict.action = Action::kDrop;
  verdict.reason = reason;
}

void Forward(Rule rule, uint16_t backend, Verdict& verdict) noexcept {
  verdict.action = Action::kForward;
  verdict.rule = rule;
  verdict.backend = backend;
}

// TSval of a TCP segment of which as much is quoted.
std::optional<uint32_t> TimestampOf(const wire::QuotedPacket& quoted) noexcept {
  constexpr size_t kLength = 10;  // RFC 7323 section 3.2
  wire::TcpOptionCursor options(quoted.tcp_options);
  while (options.Next()) {
    const wire::TcpOption& option = options.option();
    if (option.kind == wire::kOptionTimestamps && option.bytes.size() == kLength) {
      return LoadBe32(&option.bytes[2]);
    }
  }
  return std::nullopt;
}

// The flow that the quoted packet answers: from the client to the VIP.
FlowEnds FlowOf(const wire::QuotedPacket& quoted) noexcept {
  return {.client = quoted.destination,
          .vip = quoted.source,
          .client_port = *quoted.destination_port,
          .vip_port = *quoted.source_port};
}

bool ByCookie(const PoolEntry& pool, const wire::QuotedPacket& quoted,
              std::span<const uint8_t> flow, Verdict& verdict) noexcept {
  const std::optional<uint32_t> tsval = TimestampOf(quoted);
  if (!pool.cookie || !tsval) return false;
  const tokenmap::DecodedCookie cookie = pool.cookie->Decode(flow, *tsval);
  const uint16_t backend = BackendOf(pool, cookie);
  if (backend == kNoIndex) return false;
  verdict.cookie_epoch = tokenmap::CookieResidue(cookie.serial);
  Forward(Rule::kCookie, backend, verdict);
  return true;
}

bool ByCache(const PoolEntry& pool, LcoreState& state, uint64_t hash, Instant now,
             Verdict& verdict) noexcept {
  const auto hit = state.cache().Find({.pool = pool.id, .hash = hash}, now);
  if (!hit) return false;
  if (hit->evicted) verdict.notes |= Bit(Note::kCacheEvicted);
  const uint16_t backend = pool.Find(hit->backend);
  if (backend == kNoIndex) return false;
  Forward(Rule::kCache, backend, verdict);
  return true;
}

void ByTable(const PoolEntry& pool, uint64_t hash, Verdict& verdict) noexcept {
  verdict.rule = Rule::kHash;
  if (pool.table.empty()) return Drop(DropReason::kNoBackend, verdict);
  Forward(Rule::kHash, pool.table[MaglevSlot(hash, pool.table.size())], verdict);
}

}  // namespace

void DecideIcmpError(const Snapshot& snapshot, LcoreState& state, const wire::PacketView& view,
                     Instant now, Verdict& verdict) noexcept {
  const auto icmp = wire::IcmpView::Parse(view.family, view.l4());
  const auto quoted = icmp->quoted();
  // Who sent the quoted packet is who the error is for; of a later fragment nobody knows the flow.
  if (!quoted || quoted->source != view.destination || !quoted->source_port) {
    return Drop(DropReason::kIcmpQuote, verdict);
  }
  const VipTable::Result found =
      snapshot.vips().Find(quoted->source, quoted->protocol, *quoted->source_port);
  if (found.match != VipTable::Match::kPool) return Drop(DropReason::kIcmpQuote, verdict);
  if (view.ttl <= 1) return Drop(DropReason::kTtlExpired, verdict);

  verdict.pool = found.pool;
  verdict.notes |= Bit(Note::kIcmpError);
  const PoolEntry& pool = snapshot.pools()[found.pool];
  FlowRoom room;
  const std::span<const uint8_t> flow = FlowBytes(FlowOf(*quoted), room);
  const uint64_t hash = crypto::SipHash13(pool.hash_secret, flow);
  verdict.flow = static_cast<uint16_t>(hash);
  const bool by_tuple = snapshot.steering() == settings::Steering::kFiveTuple ||
                        quoted->protocol != wire::kProtocolTcp;
  if (by_tuple) return ByTable(pool, hash, verdict);
  if (ByCookie(pool, *quoted, flow, verdict)) return;
  if (ByCache(pool, state, hash, now, verdict)) return;
  if (icmp->too_big_mtu() && state.icmp_copy_limit().Allow(kIcmpCopiesPerSecond, now)) {
    verdict.action = Action::kCopy;
    return;
  }
  ByTable(pool, hash, verdict);
}

}  // namespace joinery::steer
