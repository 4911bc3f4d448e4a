#include <algorithm>
#include <array>
#include <bit>

#include "lb/steer/classify.h"
#include "lb/steer/flow_hash.h"
#include "lb/steer/icmp_error.h"
#include "lb/steer/ladder.h"
#include "lb/steer/scalar.h"

namespace joinery::steer {
namespace {

constexpr size_t kBurst = 32;

// Row i is frame i, in every stage. A set of rows is a mask: bit i is row i.
using Mask = uint32_t;
static_assert(kBurst <= 8 * sizeof(Mask));

struct Burst {
  std::array<wire::PacketView, kBurst> views;
  std::array<wire::TcpOptions, kBurst> options;
  std::array<tokenmap::Decoded, kBurst> decoded;
  std::array<tokenmap::DecodedCookie, kBurst> cookies;
  std::array<uint64_t, kBurst> hashes;
  // Each packet is one of these three, or has its verdict.
  Mask steered = 0;    // to a pool, by the flow and what it shows
  Mask addressed = 0;  // to a pool, by the pair of addresses
  Mask errors = 0;     // ICMP errors to a VIP
  Mask named = 0;      // those whose token is in `decoded`
  Mask echoing = 0;    // those whose echoed timestamp is in `cookies`
  Mask found = 0;      // of these, those whose cookie names a backend: nothing else of them is read
};

template <typename Function>
void ForEach(Mask mask, Function&& function) noexcept {
  for (; mask != 0; mask &= mask - 1) function(static_cast<size_t>(std::countr_zero(mask)));
}

constexpr Mask BitOf(size_t row) noexcept { return Mask{1} << row; }

void ParseAll(const Snapshot& snapshot, std::span<const std::span<const uint8_t>> frames,
              Burst& burst, std::span<Verdict> verdicts) noexcept {
  for (size_t i = 0; i < frames.size(); ++i) {
    verdicts[i] = Verdict{};
    switch (Classify(snapshot, frames[i], burst.views[i], verdicts[i])) {
      case Subject::kNone:
        break;
      case Subject::kFlow:
        burst.steered |= BitOf(i);
        break;
      case Subject::kAddresses:
        burst.addressed |= BitOf(i);
        break;
      case Subject::kIcmpError:
        burst.errors |= BitOf(i);
        break;
    }
  }
}

void ScanAllOptions(Burst& burst, std::span<Verdict> verdicts) noexcept {
  ForEach(burst.steered, [&](size_t i) {
    if (burst.views[i].kind != wire::PacketKind::kTcp) return;
    burst.options[i] = wire::ScanTcpOptions(burst.views[i]);
    const wire::TcpOptions& options = burst.options[i];
    if (options.ambiguous) verdicts[i].notes |= Bit(Note::kMptcpAmbiguous);
    if (options.bad_mptcp) verdicts[i].notes |= Bit(Note::kMptcpMalformed);
    if (options.malformed) verdicts[i].notes |= Bit(Note::kOptionsMalformed);
  });
}

void DecodeAllCookies(const Snapshot& snapshot, Burst& burst,
                      std::span<const Verdict> verdicts) noexcept {
  ForEach(burst.steered, [&](size_t i) {
    const PoolEntry& pool = snapshot.pools()[verdicts[i].pool];
    const std::optional<uint32_t> echoed = EchoedBy(pool, burst.views[i], burst.options[i]);
    if (!echoed) return;
    FlowRoom room;
    // Only a pool with a cookie has timestamps read (EchoedBy).
    burst.cookies[i] = pool.cookie->Decode(FlowBytes(burst.views[i], room), *echoed);
    burst.echoing |= BitOf(i);
    if (BackendOf(pool, burst.cookies[i]) != kNoIndex) burst.found |= BitOf(i);
  });
}

// All of the burst in one call, whatever their pools, since AES blocks overlap.
void DecodeAllTokens(const Snapshot& snapshot, LcoreState& state, Instant now, Burst& burst,
                     std::span<Verdict> verdicts) noexcept {
  std::array<const tokenmap::TokenDecoder*, kBurst> decoders;
  std::array<Token, kBurst> tokens;
  std::array<tokenmap::Decoded, kBurst> decoded;
  size_t count = 0;
  ForEach(burst.steered & ~burst.found, [&](size_t i) {
    const PoolEntry& pool = snapshot.pools()[verdicts[i].pool];
    const std::optional<Token> token =
        TokenNamedBy(pool, burst.views[i], burst.options[i], snapshot.hash_rate(),
                     state.hash_limit(), now, verdicts[i].notes);
    if (!token) return;
    // Only a pool with a decoder has tokens read (TokenNamedBy).
    decoders[count] = &*pool.decoder;
    tokens[count] = *token;
    ++count;
    burst.named |= BitOf(i);
  });
  tokenmap::TokenDecoder::DecodeEach(std::span(decoders).first(count),
                                     std::span(tokens).first(count), decoded);
  size_t next = 0;
  ForEach(burst.named, [&](size_t i) { burst.decoded[i] = decoded[next++]; });
}

// Whose cookie names a backend needs no place in the table: the hash of its cookie will do.
void HashAll(const Snapshot& snapshot, Burst& burst, std::span<const Verdict> verdicts) noexcept {
  ForEach(burst.found, [&](size_t i) { burst.hashes[i] = burst.cookies[i].hash; });
  ForEach(burst.steered & ~burst.found, [&](size_t i) {
    burst.hashes[i] = FlowHash(snapshot.pools()[verdicts[i].pool].hash_secret, burst.views[i]);
  });
}

void DropOverMtu(const Snapshot& snapshot, const wire::PacketView& view,
                 Verdict& verdict) noexcept {
  if (verdict.action != Action::kForward) return;
  if (view.ip_length <= snapshot.backends()[verdict.backend].mtu) return;
  verdict.Drop(DropReason::kOverMtu);
}

void DecideAll(const Snapshot& snapshot, LcoreState& state, Instant now, const Burst& burst,
               std::span<Verdict> verdicts) noexcept {
  ForEach(burst.steered, [&](size_t i) {
    const SteeredPacket packet{
        .view = burst.views[i],
        .options = burst.options[i],
        .named = (burst.named & BitOf(i)) != 0 ? &burst.decoded[i] : nullptr,
        .cookie = (burst.echoing & BitOf(i)) != 0 ? &burst.cookies[i] : nullptr,
        .hash = burst.hashes[i]};
    Verdict& verdict = verdicts[i];
    verdict.flow = static_cast<uint16_t>(packet.hash);
    ClimbLadder(snapshot, state, packet, now, verdict);
    DropOverMtu(snapshot, packet.view, verdict);
  });
}

void DecideAllAddressed(const Snapshot& snapshot, const Burst& burst,
                        std::span<Verdict> verdicts) noexcept {
  ForEach(burst.addressed, [&](size_t i) {
    const wire::PacketView& view = burst.views[i];
    const PoolEntry& pool = snapshot.pools()[verdicts[i].pool];
    const uint64_t hash = AddressHash(pool.hash_secret, view.source, view.destination);
    verdicts[i].flow = static_cast<uint16_t>(hash);
    ByTable(pool, hash, TableRuleOf(view), verdicts[i]);
    DropOverMtu(snapshot, view, verdicts[i]);
  });
}

void DecideAllErrors(const Snapshot& snapshot, LcoreState& state, Instant now, const Burst& burst,
                     std::span<Verdict> verdicts) noexcept {
  ForEach(burst.errors, [&](size_t i) {
    DecideIcmpError(snapshot, state, burst.views[i], now, verdicts[i]);
    DropOverMtu(snapshot, burst.views[i], verdicts[i]);
  });
}

void CountAll(const Burst& burst, std::span<const Verdict> verdicts, Counters& counters) noexcept {
  for (size_t i = 0; i < verdicts.size(); ++i) {
    const Verdict& v = verdicts[i];
    counters.actions[static_cast<size_t>(v.action)].Add(1);
    ForEach(v.notes, [&](size_t note) { counters.notes[note].Add(1); });
    if (v.action == Action::kForward) {
      counters.rules[static_cast<size_t>(v.rule)].Add(1);
      counters.pools[v.pool][static_cast<size_t>(v.rule)].Add(1);
      counters.backends[v.backend].packets.Add(1);
      counters.backends[v.backend].bytes.Add(burst.views[i].ip_length);
    } else if (v.action == Action::kDrop) {
      counters.drops[static_cast<size_t>(v.reason)].Add(1);
      if (v.reason == DropReason::kMalformed) {
        counters.parse_errors[static_cast<size_t>(v.parse_reason)].Add(1);
      }
    }
  }
}

void DecideOne(const Snapshot& snapshot, LcoreState& state,
               std::span<const std::span<const uint8_t>> frames, Instant now,
               std::span<Verdict> verdicts) noexcept {
  Burst burst;
  ParseAll(snapshot, frames, burst, verdicts);
  if (snapshot.steering() == settings::Steering::kJoinery) {
    ScanAllOptions(burst, verdicts);
    if (snapshot.reads_timestamps()) DecodeAllCookies(snapshot, burst, verdicts);
    DecodeAllTokens(snapshot, state, now, burst, verdicts);
  }
  HashAll(snapshot, burst, verdicts);
  DecideAll(snapshot, state, now, burst, verdicts);
  DecideAllAddressed(snapshot, burst, verdicts);
  DecideAllErrors(snapshot, state, now, burst, verdicts);
  CountAll(burst, verdicts, state.mutable_counters());
}

}  // namespace

void DecideBurstScalar(const Snapshot& snapshot, LcoreState& state,
                       std::span<const std::span<const uint8_t>> frames, Instant now,
                       std::span<Verdict> verdicts) noexcept {
  state.Adopt(snapshot);
  for (size_t at = 0; at < frames.size(); at += kBurst) {
    const size_t count = std::min(kBurst, frames.size() - at);
    DecideOne(snapshot, state, frames.subspan(at, count), now, verdicts.subspan(at, count));
  }
}

}  // namespace joinery::steer
