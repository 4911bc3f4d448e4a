#include "lb/steer/icmp_error.h"

#include <optional>

#include "base/big_endian.h"
#include "crypto/siphash.h"
#include "lb/steer/flow_hash.h"
#include "lb/steer/ladder.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp_option.h"
#include "wire/tcp_options.h"

namespace joinery::steer {
namespace {

// TSval of a TCP segment of which as much is quoted.
std::optional<uint32_t> TimestampOf(const wire::QuotedPacket& quoted) noexcept {
  wire::TcpOptionCursor options(quoted.tcp_options);
  while (options.Next()) {
    const wire::TcpOption& option = options.option();
    if (wire::IsTimestamps(option)) return LoadBe32(&option.bytes[2]);
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

// Of a later fragment nobody knows the flow: it needs an address that takes fragments.
VipTable::Result ServiceOf(const VipTable& vips, const wire::QuotedPacket& quoted) noexcept {
  return quoted.source_port ? vips.Find(quoted.source, quoted.protocol, *quoted.source_port)
                            : vips.FindFragment(quoted.source);
}

bool ByCookie(const PoolEntry& pool, const wire::QuotedPacket& quoted,
              std::span<const uint8_t> flow, Verdict& verdict) noexcept {
  const std::optional<uint32_t> tsval = TimestampOf(quoted);
  if (!pool.cookie || !tsval) return false;
  const tokenmap::DecodedCookie cookie = pool.cookie->Decode(flow, *tsval);
  const uint16_t backend = BackendOf(pool, cookie);
  if (backend == kNoIndex) return false;
  verdict.cookie_epoch = tokenmap::CookieResidue(cookie.serial);
  verdict.ForwardTo(Rule::kCookie, backend);
  return true;
}

bool ByCache(const PoolEntry& pool, LcoreState& state, uint64_t hash, Instant now,
             Verdict& verdict) noexcept {
  const auto hit = state.cache().Find({.pool = pool.id, .hash = hash}, now);
  if (!hit) return false;
  if (hit->evicted) verdict.notes |= Bit(Note::kCacheEvicted);
  const uint16_t backend = pool.Find(hit->backend);
  if (backend == kNoIndex) return false;
  verdict.ForwardTo(Rule::kCache, backend);
  return true;
}

}  // namespace

void DecideIcmpError(const Snapshot& snapshot, LcoreState& state, const wire::PacketView& view,
                     Instant now, Verdict& verdict) noexcept {
  const auto icmp = wire::IcmpView::Parse(view.family, view.l4());
  const auto quoted = icmp->quoted();
  // Who sent the quoted packet is who the error is for.
  if (!quoted || quoted->source != view.destination) return verdict.Drop(DropReason::kIcmpQuote);
  const VipTable::Result found = ServiceOf(snapshot.vips(), *quoted);
  if (found.match != VipTable::Match::kPool) return verdict.Drop(DropReason::kIcmpQuote);
  if (view.ttl <= 1) return verdict.Drop(DropReason::kTtlExpired);

  verdict.pool = found.pool;
  verdict.notes |= Bit(Note::kIcmpError);
  const PoolEntry& pool = snapshot.pools()[found.pool];
  if (found.by_address) {
    const uint64_t pair = AddressHash(pool.hash_secret, quoted->destination, quoted->source);
    verdict.flow = static_cast<uint16_t>(pair);
    return ByTable(pool, pair, Rule::kHash, verdict);
  }
  FlowRoom room;
  const std::span<const uint8_t> flow = FlowBytes(FlowOf(*quoted), room);
  const uint64_t hash = crypto::SipHash13(pool.hash_secret, flow);
  verdict.flow = static_cast<uint16_t>(hash);
  const bool by_tuple = snapshot.steering() == settings::Steering::kFiveTuple ||
                        quoted->protocol != wire::kProtocolTcp;
  if (by_tuple) return ByTable(pool, hash, Rule::kHash, verdict);
  if (ByCookie(pool, *quoted, flow, verdict)) return;
  if (ByCache(pool, state, hash, now, verdict)) return;
  if (icmp->too_big_mtu() && state.icmp_copy_limit().Allow(kIcmpCopiesPerSecond, now)) {
    verdict.action = Action::kCopy;
    return;
  }
  ByTable(pool, hash, Rule::kHash, verdict);
}

}  // namespace joinery::steer
