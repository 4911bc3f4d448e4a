#include "lb/steer/ladder.h"

namespace joinery::steer {
namespace {

using settings::Handshake;
using settings::Steering;
using wire::MpCapableForm;

// An ACK that is no SYN/ACK: where a handshake ends.
bool IsAck(const wire::PacketView& view) noexcept {
  return (view.tcp_flags & (wire::kSyn | wire::kAck)) == wire::kAck;
}

// One climb. Each rule is true when it answers, with the answer in `verdict`.
struct Climb {
  const Snapshot& snapshot;
  LcoreState& state;
  const SteeredPacket& packet;
  const PoolEntry& pool;
  Instant now;
  Verdict& verdict;

  void Note(steer::Note note) noexcept { verdict.notes |= Bit(note); }

  bool Forward(Rule rule, uint16_t backend) noexcept {
    verdict.ForwardTo(rule, backend);
    return true;
  }

  bool Drop(Rule rule, DropReason reason) noexcept {
    verdict.rule = rule;
    verdict.Drop(reason);
    return true;
  }

  // The reachable backend that the packet's token names, or kNoIndex.
  [[nodiscard]] uint16_t NamedBackend() const noexcept {
    const tokenmap::Decoded* named = packet.named;
    if (named == nullptr || named->status != tokenmap::DecodeStatus::kOk) return kNoIndex;
    return pool.Find(named->id);
  }

  [[nodiscard]] FlowCache::Flow flow() const noexcept {
    return {.pool = pool.id, .hash = packet.hash};
  }

  void Remember(uint16_t backend, FlowCache::Kind kind) noexcept {
    switch (state.cache().Admit(flow(), snapshot.backends()[backend].id, kind, now)) {
      case FlowCache::Admission::kStored:
        break;
      case FlowCache::Admission::kStoredEvicting:
        Note(Note::kCacheEvicted);
        break;
      case FlowCache::Admission::kRefused:
        Note(Note::kCacheRefused);
        break;
    }
  }

  std::optional<BackendId> Recall() noexcept {
    const std::optional<FlowCache::Hit> hit = state.cache().Find(flow(), now);
    if (!hit) return std::nullopt;
    if (hit->evicted) Note(Note::kCacheEvicted);
    return hit->backend;
  }

  // An MP_JOIN whose token names nobody here goes by the hash: it is a guess, and it is no new
  // connection.
  bool TokenRule() noexcept {
    if (!packet.view.is_syn() || !packet.options.join_token) return false;
    const uint16_t backend = NamedBackend();
    if (backend == kNoIndex) {
      Note(Note::kJoinUnroutable);
      return TableRule(Rule::kHash);
    }
    verdict.codepoint = packet.named->codepoint;
    if (!state.join_limit(backend).Allow(pool.join_rate, now)) {
      verdict.backend = backend;
      return Drop(Rule::kToken, DropReason::kJoinRate);
    }
    Remember(backend, FlowCache::Kind::kJoined);
    return Forward(Rule::kToken, backend);
  }

  // What its cookies name needs no room in the cache.
  [[nodiscard]] bool WillEcho() const noexcept { return pool.cookie && packet.options.timestamps; }

  bool PlacementRule() noexcept {
    if (!packet.view.is_syn()) return false;
    TableRule(Rule::kPlacement);
    if (verdict.backend != kNoIndex && !WillEcho()) {
      Remember(verdict.backend, FlowCache::Kind::kPlaced);
    }
    return true;
  }

  // A value that is no cookie is no error: a foreign timestamp, or one of before the rule acted.
  bool CookieRule() noexcept {
    if (packet.cookie == nullptr) return false;
    switch (packet.cookie->status) {
      case tokenmap::CookieStatus::kNoEpoch:
        Note(Note::kCookieEpoch);
        return false;
      case tokenmap::CookieStatus::kCheckBits:
        Note(Note::kCookieCheck);
        return false;
      case tokenmap::CookieStatus::kOk:
        break;
    }
    const uint16_t backend = BackendOf(pool, *packet.cookie);
    if (backend == kNoIndex) {
      Note(Note::kCookieUnroutable);
      return false;
    }
    verdict.cookie_epoch = tokenmap::CookieResidue(packet.cookie->serial);
    return Forward(Rule::kCookie, backend);
  }

  bool HandshakeRule() noexcept {
    if (packet.named == nullptr) return false;
    const uint16_t backend = NamedBackend();
    if (backend == kNoIndex) {
      Note(Note::kHandshakeUnroutable);
      return false;
    }
    verdict.codepoint = packet.named->codepoint;
    // What follows on this flow names nobody.
    if (Recall() != snapshot.backends()[backend].id) Remember(backend, FlowCache::Kind::kPlaced);
    return Forward(Rule::kHandshake, backend);
  }

  bool CacheRule() noexcept {
    const std::optional<BackendId> cached = Recall();
    if (!cached) return false;
    const uint16_t backend = pool.Find(*cached);
    if (backend == kNoIndex) {
      Note(Note::kCacheStale);
      return false;
    }
    return Forward(Rule::kCache, backend);
  }

  // Rules `placement` and `hash`: the flow's slot of the Maglev table.
  bool TableRule(Rule rule) noexcept {
    ByTable(pool, packet.hash, rule, verdict);
    return true;
  }

  // Plain 5-tuple balancing: UDP, and all of `steering: five_tuple`.
  void ByTuple() noexcept { TableRule(TableRuleOf(packet.view)); }

  void ByLadder() noexcept {
    // 1. `direct` has its place here.
    if (TokenRule()) return;      // 2.
    if (PlacementRule()) return;  // 3.
    if (CookieRule()) return;     // 4.
    if (HandshakeRule()) return;  // 5.
    if (CacheRule()) return;      // 6.
    TableRule(Rule::kHash);       // 7.
  }
};

}  // namespace

std::optional<uint32_t> EchoedBy(const PoolEntry& pool, const wire::PacketView& view,
                                 const wire::TcpOptions& options) noexcept {
  if (!pool.cookie || !options.timestamps || (view.tcp_flags & wire::kAck) == 0) {
    return std::nullopt;
  }
  return options.timestamps->echo_reply;
}

std::optional<Token> TokenNamedBy(const PoolEntry& pool, const wire::PacketView& view,
                                  const wire::TcpOptions& options, uint32_t hash_rate,
                                  RateLimit& hash_limit, Instant now, Notes& notes) noexcept {
  if (!pool.decoder) return std::nullopt;
  if (view.is_syn()) return options.join_token;
  const bool handshake_ack = IsAck(view) && options.mp_capable != MpCapableForm::kNone;
  if (pool.handshake == Handshake::kExplicit) {
    if (!handshake_ack || options.mp_capable != MpCapableForm::kExplicitToken) return std::nullopt;
    return options.receiver_token;
  }
  const bool keys = handshake_ack && options.mp_capable == MpCapableForm::kKeys;
  if (!keys && !options.fastclose_key) return std::nullopt;
  if (!hash_limit.Allow(hash_rate, now)) {
    notes |= Bit(Note::kHashRate);
    return std::nullopt;
  }
  constexpr uint8_t kVersion1 = 1;  // MP_FASTCLOSE does not tell its version
  return keys ? tokenmap::DerivedToken(options.receiver_key, options.mp_version)
              : tokenmap::DerivedToken(*options.fastclose_key, kVersion1);
}

void ClimbLadder(const Snapshot& snapshot, LcoreState& state, const SteeredPacket& packet,
                 Instant now, Verdict& verdict) noexcept {
  Climb climb{.snapshot = snapshot,
              .state = state,
              .packet = packet,
              .pool = snapshot.pools()[verdict.pool],
              .now = now,
              .verdict = verdict};
  const bool by_tuple =
      snapshot.steering() == Steering::kFiveTuple || packet.view.kind != wire::PacketKind::kTcp;
  by_tuple ? climb.ByTuple() : climb.ByLadder();
}

}  // namespace joinery::steer
