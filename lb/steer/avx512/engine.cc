#include "lb/steer/avx512/engine.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "lb/steer/avx512/lanes.h"
#include "lb/steer/avx512/target.h"
#include "lb/steer/maglev.h"
#include "lb/steer/scalar.h"

namespace joinery::steer::avx512 {
inline namespace JOINERY_LANES {
namespace {

constexpr Mask BitOf(size_t lane) noexcept { return Mask{1} << lane; }

[[nodiscard]] size_t FirstOf(Mask mask) noexcept {
  return static_cast<size_t>(std::countr_zero(mask));
}

// What the stages find out about the lanes. As in Lanes, what is not meant is not written.
struct Decisions {
  std::array<const uint16_t*, kLanes> slots;  // fast: in the pool's Maglev table
  std::array<const void*, kLanes> probation;  // fast: the flow's lines in the cache
  std::array<const void*, kLanes> kept;
  std::array<uint16_t, kLanes> named;        // cookie: its backend; join: the same, or kNoIndex
  std::array<BackendId, kLanes> ids;         // join: what the token says
  std::array<Codepoint, kLanes> codepoints;  // join: the token's generation
  // Exceptions, so that the common lanes mark nothing: each mark would wait for the one before.
  Mask unroutable = 0;  // join: the token names nobody here
  Mask limited = 0;     // join: dropped by join_rate
  Mask cached = 0;      // data: forwarded by rule cache
};

// Which of the line's four entries begin with the hash: a bit for each of its eight words.
JOINERY_AVX512 [[nodiscard]] inline __mmask8 Holds(const void* line, __m512i hash) noexcept {
  constexpr __mmask8 kHashes = 0b01010101;  // of an entry's two words the first
  return _mm512_mask_cmpeq_epi64_mask(kHashes, _mm512_load_si512(line), hash);
}

// One burst on its way. The rules are those of lb/steer/ladder.cc, in its order, as far as plain
// packets can meet them.
struct Engine {
  const Snapshot& snapshot;
  LcoreState& state;
  Instant now;
  const Lanes& lanes;
  Decisions& out;

  // Everything that deciding will read, asked for before the first of it is needed.
  void FetchTables() noexcept {
    const FlowCache& cache = state.cache();
    for (Mask left = lanes.fast & ~lanes.cookie; left != 0; left &= left - 1) {
      const size_t i = FirstOf(left);
      const Service& service = *lanes.services[i];
      const uint64_t hash = lanes.hashes[i];
      const uint16_t* slot = service.table + MaglevSlot(hash, service.table_size);
      const FlowCache::Lines lines = cache.LinesOf(hash);
      __builtin_prefetch(slot);
      __builtin_prefetch(lines.probation);
      __builtin_prefetch(lines.kept);
      out.slots[i] = slot;
      out.probation[i] = lines.probation;
      out.kept[i] = lines.kept;
    }
  }

  // Those of `mask` whose packet is for the same pool as the first of it.
  JOINERY_AVX512 [[nodiscard]] Mask SamePool(Mask mask) const noexcept {
    const __m512i pools = _mm512_loadu_si512(lanes.pools.data());
    const auto pool = static_cast<int16_t>(lanes.pools[FirstOf(mask)]);
    return _mm512_mask_cmpeq_epi16_mask(mask, pools, _mm512_set1_epi16(pool));
  }

  // All of the burst in one call, whatever their pools, so that their AES work overlaps.
  [[gnu::noinline]] void DecodeTokens() noexcept {
    std::array<const tokenmap::TokenDecoder*, kLanes> decoders;
    std::array<Token, kLanes> tokens;
    std::array<tokenmap::Decoded, kLanes> decoded;
    size_t count = 0;
    for (Mask left = lanes.join; left != 0; left &= left - 1) {
      const size_t i = FirstOf(left);
      // Lanes are marked `join` only in pools with a decoder.
      decoders[count] = &*snapshot.pools()[lanes.pools[i]].decoder;
      tokens[count] = lanes.tokens[i];
      ++count;
    }
    tokenmap::TokenDecoder::DecodeEach(std::span(decoders).first(count),
                                       std::span(tokens).first(count), decoded);
    count = 0;
    for (Mask left = lanes.join; left != 0; left &= left - 1) {
      const size_t i = FirstOf(left);
      const tokenmap::Decoded& token = decoded[count++];
      const bool named = token.status == tokenmap::DecodeStatus::kOk;
      const uint16_t backend = named ? snapshot.pools()[lanes.pools[i]].Find(token.id) : kNoIndex;
      out.named[i] = backend;
      out.ids[i] = token.id;
      out.codepoints[i] = token.codepoint;
      if (backend != kNoIndex) __builtin_prefetch(&state.join_limit(backend));
    }
  }

  void Forward(size_t i, const Verdict& verdict, Verdict& written) noexcept {
    written = verdict;
    written.pool = lanes.pools[i];
    written.flow = static_cast<uint16_t>(lanes.hashes[i]);
    Counters::Backend& counters = state.mutable_counters().backends[verdict.backend];
    counters.packets.Add(1);
    counters.bytes.Add(lanes.ip_lengths[i]);
  }

  [[nodiscard]] Notes Note(steer::Note note) noexcept {
    state.mutable_counters().notes[static_cast<size_t>(note)].Add(1);
    return Bit(note);
  }

  [[nodiscard]] FlowCache::Flow FlowOf(size_t i) const noexcept {
    return {.pool = lanes.services[i]->pool_id, .hash = lanes.hashes[i]};
  }

  [[nodiscard]] Notes Remember(size_t i, BackendId id, FlowCache::Kind kind) noexcept {
    const FlowCache::Admission admission = state.cache().Admit(FlowOf(i), id, kind, now);
    if (admission == FlowCache::Admission::kStored) return 0;
    const bool evicting = admission == FlowCache::Admission::kStoredEvicting;
    return Note(evicting ? Note::kCacheEvicted : Note::kCacheRefused);
  }

  void DecideJoin(size_t i, Verdict& written) noexcept {
    const uint16_t backend = out.named[i];
    Verdict verdict{.action = Action::kForward, .rule = Rule::kToken, .backend = backend};
    if (backend == kNoIndex) {
      verdict.rule = Rule::kHash;
      verdict.notes = Note(Note::kJoinUnroutable);
      verdict.backend = *out.slots[i];
      out.unroutable |= BitOf(i);
      return Forward(i, verdict, written);
    }
    verdict.codepoint = out.codepoints[i];
    const Nanoseconds interval(lanes.services[i]->join_interval_ns);
    if (!state.join_limit(backend).AllowEvery(interval, now)) {
      written = verdict;
      written.action = Action::kDrop;
      written.reason = DropReason::kJoinRate;
      written.pool = lanes.pools[i];
      written.flow = static_cast<uint16_t>(lanes.hashes[i]);
      out.limited |= BitOf(i);
      return;
    }
    verdict.notes = Remember(i, out.ids[i], FlowCache::Kind::kJoined);
    Forward(i, verdict, written);
  }

  void DecideSyn(size_t i, Verdict& written) noexcept {
    Verdict verdict{.action = Action::kForward, .rule = Rule::kPlacement, .backend = *out.slots[i]};
    // What its cookies will name needs no room in the cache.
    if ((lanes.echo & BitOf(i)) == 0) {
      const BackendId id = snapshot.fast_path().IdOf(verdict.backend);
      verdict.notes = Remember(i, id, FlowCache::Kind::kPlaced);
    }
    Forward(i, verdict, written);
  }

  void DecideCookie(size_t i, Verdict& written) noexcept {
    Forward(i,
            {.action = Action::kForward,
             .rule = Rule::kCookie,
             .cookie_epoch = lanes.residues[i],
             .backend = out.named[i]},
            written);
  }

  // Data of a flow whose hash the cache seems to hold.
  [[gnu::noinline]] void DecideCached(size_t i, Verdict& written) noexcept {
    Verdict verdict{.action = Action::kForward, .rule = Rule::kHash, .backend = *out.slots[i]};
    if (const std::optional<FlowCache::Hit> hit = state.cache().Find(FlowOf(i), now)) {
      if (hit->evicted) verdict.notes |= Note(Note::kCacheEvicted);
      const uint16_t backend = snapshot.pools()[lanes.pools[i]].Find(hit->backend);
      if (backend == kNoIndex) {
        verdict.notes |= Note(Note::kCacheStale);
      } else {
        verdict.rule = Rule::kCache;
        out.cached |= BitOf(i);
        verdict.backend = backend;
      }
    }
    Forward(i, verdict, written);
  }

  JOINERY_AVX512 void DecideData(size_t i, Verdict& written) noexcept {
    const __m512i hash = _mm512_set1_epi64(static_cast<int64_t>(lanes.hashes[i]));
    if ((Holds(out.probation[i], hash) | Holds(out.kept[i], hash)) != 0) {
      return DecideCached(i, written);
    }
    Forward(i, {.action = Action::kForward, .rule = Rule::kHash, .backend = *out.slots[i]},
            written);
  }

  JOINERY_AVX512 void DecideLane(size_t i, Verdict& written) noexcept {
    if ((lanes.cookie & BitOf(i)) != 0) return DecideCookie(i, written);
    if ((lanes.syn & BitOf(i)) == 0) return DecideData(i, written);
    if ((lanes.join & BitOf(i)) == 0) return DecideSyn(i, written);
    DecideJoin(i, written);
  }

  // What a whole burst adds to one counter is added once.
  JOINERY_AVX512 void CountRule(Rule rule, Mask lanes_of_rule, bool shared) noexcept {
    if (lanes_of_rule == 0) return;
    Counters& counters = state.mutable_counters();
    const auto index = static_cast<size_t>(rule);
    counters.rules[index].Add(static_cast<uint64_t>(std::popcount(lanes_of_rule)));
    for (Mask left = lanes_of_rule; left != 0;) {
      const size_t i = FirstOf(left);
      const Mask together = shared ? SamePool(left) : BitOf(i);
      counters.pools[lanes.pools[i]][index].Add(static_cast<uint64_t>(std::popcount(together)));
      left &= ~together;
    }
  }

  JOINERY_AVX512 void Count() noexcept {
    if (lanes.fast == 0) return;
    // To look for lanes of the same pool pays when there are some: not with dozens of pools.
    const bool shared = std::popcount(SamePool(lanes.fast)) * 4 > std::popcount(lanes.fast);
    CountRule(Rule::kToken, lanes.join & ~out.unroutable & ~out.limited, shared);
    CountRule(Rule::kPlacement, lanes.syn & ~lanes.join, shared);
    CountRule(Rule::kCache, out.cached, shared);
    CountRule(Rule::kCookie, lanes.cookie, shared);
    const Mask data = lanes.fast & ~lanes.syn & ~lanes.cookie;
    CountRule(Rule::kHash, (data & ~out.cached) | out.unroutable, shared);
    Counters& counters = state.mutable_counters();
    const auto limited = static_cast<uint64_t>(std::popcount(out.limited));
    const auto fast = static_cast<uint64_t>(std::popcount(lanes.fast));
    counters.actions[static_cast<size_t>(Action::kForward)].Add(fast - limited);
    counters.actions[static_cast<size_t>(Action::kDrop)].Add(limited);
    counters.drops[static_cast<size_t>(DropReason::kJoinRate)].Add(limited);
  }
};

// What names no reachable backend is left to the scalar engine, which knows what then.
void FindCookieBackends(const Snapshot& snapshot, LcoreState& state, Lanes& lanes,
                        Decisions& out) noexcept {
  Mask lost = 0;
  for (Mask left = lanes.cookie; left != 0; left &= left - 1) {
    const size_t i = FirstOf(left);
    const PoolEntry& pool = snapshot.pools()[lanes.pools[i]];
    const uint16_t backend = pool.Find(BackendId(lanes.cookie_ids[i]));
    out.named[i] = backend;
    if (backend == kNoIndex) {
      lost |= BitOf(i);
    } else {
      __builtin_prefetch(&state.counters().backends[backend], 1);
    }
  }
  lanes.fast &= ~lost;
  lanes.cookie &= ~lost;
}

// Lanes in order, since what one does to the cache the next one sees; those that are not fast in
// runs, by the scalar engine.
JOINERY_AVX512 void DecideLanes(Engine& engine, std::span<const std::span<const uint8_t>> frames,
                                std::span<Verdict> verdicts) noexcept {
  const Mask fast = engine.lanes.fast;
  for (size_t i = 0; i < frames.size();) {
    if ((fast & BitOf(i)) != 0) {
      engine.DecideLane(i, verdicts[i]);
      ++i;
      continue;
    }
    const Mask fast_behind = fast & ~(BitOf(i) - 1);
    const size_t end = std::min(frames.size(), FirstOf(fast_behind));
    DecideBurstScalar(engine.snapshot, engine.state, frames.subspan(i, end - i), engine.now,
                      verdicts.subspan(i, end - i));
    i = end;
  }
}

}  // namespace

bool Supported() noexcept {
#ifdef JOINERY_EMULATE_AVX512
  return true;
#else
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
#endif
}

JOINERY_AVX512 void DecideBurst(const Snapshot& snapshot, LcoreState& state,
                                std::span<const std::span<const uint8_t>> frames, Instant now,
                                std::span<Verdict> verdicts) noexcept {
  state.Adopt(snapshot);
  for (size_t at = 0; at < frames.size(); at += kLanes) {
    const size_t count = std::min(kLanes, frames.size() - at);
    Lanes lanes;
    ParseLanes(snapshot.fast_path(), frames.subspan(at, count), lanes);
    HashLanes(lanes);
    Decisions decisions;
    if (lanes.cookie != 0) {
      UnpermuteLanes(lanes);
      FindCookieBackends(snapshot, state, lanes, decisions);
    }
    Engine engine{
        .snapshot = snapshot, .state = state, .now = now, .lanes = lanes, .out = decisions};
    engine.FetchTables();
    if (lanes.join != 0) engine.DecodeTokens();
    DecideLanes(engine, frames.subspan(at, count), verdicts.subspan(at, count));
    engine.Count();
  }
}

}  // namespace JOINERY_LANES
}  // namespace joinery::steer::avx512
