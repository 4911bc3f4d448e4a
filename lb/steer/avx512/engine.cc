#include "lb/steer/avx512/engine.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "lb/steer/avx512/lanes.h"
#include "lb/steer/avx512/target.h"
#include "lb/steer/maglev.h"
#include "lb/steer/steer.h"

namespace joinery::steer::avx512 {
namespace {

constexpr Mask BitOf(size_t lane) noexcept { return Mask{1} << lane; }

[[nodiscard]] size_t FirstOf(Mask mask) noexcept {
  return static_cast<size_t>(std::countr_zero(mask));
}

// What a lane has once it is decided.
struct Decisions {
  std::array<const uint16_t*, kLanes> slots;      // fast: in the pool's Maglev table
  std::array<FlowCache::Lines, kLanes> cached;    // fast: where the flow would be in the cache
  std::array<tokenmap::Decoded, kLanes> decoded;  // join
  std::array<Mask, kRuleCount> by_rule{};         // forwarded by this rule
  Mask limited = 0;                               // dropped by join_rate
};

// Whether one of the line's four entries begins with the hash.
JOINERY_AVX512 [[nodiscard]] inline bool Holds(const void* line, __m512i hash) noexcept {
  constexpr __mmask8 kHashes = 0b01010101;  // of an entry's two words the first
  return _mm512_mask_cmpeq_epi64_mask(kHashes, _mm512_load_si512(line), hash) != 0;
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
    for (Mask left = lanes.fast; left != 0; left &= left - 1) {
      const size_t i = FirstOf(left);
      const Service& service = *lanes.services[i];
      out.slots[i] = service.table + MaglevSlot(lanes.hashes[i], service.table_size);
      out.cached[i] = cache.LinesOf(lanes.hashes[i]);
      __builtin_prefetch(out.slots[i]);
      __builtin_prefetch(out.cached[i].probation);
      __builtin_prefetch(out.cached[i].kept);
    }
  }

  // One call for each pool that the burst's tokens belong to.
  JOINERY_AVX512 void DecodeTokens() noexcept {
    for (Mask left = lanes.join; left != 0;) {
      const uint16_t pool = lanes.pools[FirstOf(left)];
      std::array<Token, kLanes> tokens;
      std::array<tokenmap::Decoded, kLanes> decoded;
      const Mask together = SamePool(left);
      size_t count = 0;
      for (Mask rest = together; rest != 0; rest &= rest - 1)
        tokens[count++] = lanes.tokens[FirstOf(rest)];
      snapshot.pools()[pool].decoder->DecodeBurst(std::span(tokens).first(count), decoded);
      size_t next = 0;
      for (Mask rest = together; rest != 0; rest &= rest - 1) {
        out.decoded[FirstOf(rest)] = decoded[next++];
      }
      left &= ~together;
    }
  }

  void Forward(size_t i, Rule rule, uint16_t backend, Verdict& verdict) noexcept {
    verdict.action = Action::kForward;
    verdict.rule = rule;
    verdict.backend = backend;
    out.by_rule[static_cast<size_t>(rule)] |= BitOf(i);
    Counters::Backend& counters = state.mutable_counters().backends[backend];
    counters.packets.Add(1);
    counters.bytes.Add(lanes.ip_lengths[i]);
  }

  void Note(steer::Note note, Verdict& verdict) noexcept {
    verdict.notes |= Bit(note);
    state.mutable_counters().notes[static_cast<size_t>(note)].Add(1);
  }

  [[nodiscard]] FlowCache::Flow FlowOf(size_t i) const noexcept {
    return {.pool = lanes.services[i]->pool_id, .hash = lanes.hashes[i]};
  }

  void Remember(size_t i, uint16_t backend, FlowCache::Kind kind, Verdict& verdict) noexcept {
    const BackendId id = snapshot.backends()[backend].id;
    const FlowCache::Admission admission = state.cache().Admit(FlowOf(i), id, kind, now);
    if (admission == FlowCache::Admission::kStoredEvicting) {
      Note(Note::kCacheEvicted, verdict);
    } else if (admission == FlowCache::Admission::kRefused) {
      Note(Note::kCacheRefused, verdict);
    }
  }

  void DecideJoin(size_t i, Verdict& verdict) noexcept {
    const PoolEntry& pool = snapshot.pools()[verdict.pool];
    const tokenmap::Decoded& named = out.decoded[i];
    const uint16_t backend =
        named.status == tokenmap::DecodeStatus::kOk ? pool.Find(named.id) : kNoIndex;
    if (backend == kNoIndex) {
      Note(Note::kJoinUnroutable, verdict);
      return Forward(i, Rule::kHash, *out.slots[i], verdict);
    }
    verdict.codepoint = named.codepoint;
    if (!state.join_limit(backend).Allow(pool.join_rate, now)) {
      verdict.rule = Rule::kToken;
      verdict.reason = DropReason::kJoinRate;
      verdict.backend = backend;
      out.limited |= BitOf(i);
      return;
    }
    Remember(i, backend, FlowCache::Kind::kJoined, verdict);
    Forward(i, Rule::kToken, backend, verdict);
  }

  void DecideSyn(size_t i, Verdict& verdict) noexcept {
    const uint16_t backend = *out.slots[i];
    Remember(i, backend, FlowCache::Kind::kPlaced, verdict);
    Forward(i, Rule::kPlacement, backend, verdict);
  }

  // True when the cache answers.
  [[gnu::noinline]] bool DecideCached(size_t i, Verdict& verdict) noexcept {
    const std::optional<FlowCache::Hit> hit = state.cache().Find(FlowOf(i), now);
    if (!hit) return false;
    if (hit->evicted) Note(Note::kCacheEvicted, verdict);
    const uint16_t backend = snapshot.pools()[verdict.pool].Find(hit->backend);
    if (backend == kNoIndex) {
      Note(Note::kCacheStale, verdict);
      return false;
    }
    Forward(i, Rule::kCache, backend, verdict);
    return true;
  }

  JOINERY_AVX512 void DecideData(size_t i, Verdict& verdict) noexcept {
    const __m512i hash = _mm512_set1_epi64(static_cast<int64_t>(lanes.hashes[i]));
    const FlowCache::Lines cached = out.cached[i];
    if ((Holds(cached.probation, hash) || Holds(cached.kept, hash)) && DecideCached(i, verdict)) {
      return;
    }
    Forward(i, Rule::kHash, *out.slots[i], verdict);
  }

  JOINERY_AVX512 void DecideLane(size_t i, Verdict& verdict) noexcept {
    verdict = {.pool = lanes.pools[i], .flow = static_cast<uint16_t>(lanes.hashes[i])};
    if ((lanes.syn & BitOf(i)) == 0) return DecideData(i, verdict);
    if ((lanes.join & BitOf(i)) == 0) return DecideSyn(i, verdict);
    DecideJoin(i, verdict);
  }

  // Those of `mask` whose packet is for the same pool as the first of it.
  JOINERY_AVX512 [[nodiscard]] Mask SamePool(Mask mask) const noexcept {
    const __m512i pools = _mm512_loadu_si512(lanes.pools.data());
    const auto pool = static_cast<int16_t>(lanes.pools[FirstOf(mask)]);
    return _mm512_mask_cmpeq_epi16_mask(mask, pools, _mm512_set1_epi16(pool));
  }

  // What a whole burst adds to one counter is added once.
  JOINERY_AVX512 void Count() noexcept {
    Counters& counters = state.mutable_counters();
    Mask forwarded = 0;
    for (size_t rule = 0; rule < kRuleCount; ++rule) {
      const Mask by_rule = out.by_rule[rule];
      if (by_rule == 0) continue;
      counters.rules[rule].Add(static_cast<uint64_t>(std::popcount(by_rule)));
      forwarded |= by_rule;
      for (Mask left = by_rule; left != 0;) {
        const Mask together = SamePool(left);
        counters.pools[lanes.pools[FirstOf(left)]][rule].Add(
            static_cast<uint64_t>(std::popcount(together)));
        left &= ~together;
      }
    }
    const auto limited = static_cast<uint64_t>(std::popcount(out.limited));
    counters.actions[static_cast<size_t>(Action::kForward)].Add(
        static_cast<uint64_t>(std::popcount(forwarded)));
    counters.actions[static_cast<size_t>(Action::kDrop)].Add(limited);
    counters.drops[static_cast<size_t>(DropReason::kJoinRate)].Add(limited);
  }
};

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
    steer::DecideBurst(engine.snapshot, engine.state, frames.subspan(i, end - i), engine.now,
                       verdicts.subspan(i, end - i));
    i = end;
  }
}

}  // namespace

bool Supported() noexcept {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

JOINERY_AVX512 void DecideBurst(const Snapshot& snapshot, const FastPath& fast_path,
                                LcoreState& state, std::span<const std::span<const uint8_t>> frames,
                                Instant now, std::span<Verdict> verdicts) noexcept {
  state.Adopt(snapshot);
  for (size_t at = 0; at < frames.size(); at += kLanes) {
    const size_t count = std::min(kLanes, frames.size() - at);
    Lanes lanes;
    ParseLanes(fast_path, frames.subspan(at, count), lanes);
    HashLanes(lanes);
    Decisions decisions;
    Engine engine{
        .snapshot = snapshot, .state = state, .now = now, .lanes = lanes, .out = decisions};
    engine.FetchTables();
    engine.DecodeTokens();
    DecideLanes(engine, frames.subspan(at, count), verdicts.subspan(at, count));
    engine.Count();
  }
}

}  // namespace joinery::steer::avx512
