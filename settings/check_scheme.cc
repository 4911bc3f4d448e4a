#include <fmt/format.h>

#include "settings/check.h"
#include "settings/unique.h"
#include "tokenmap/scheme.h"

namespace joinery::settings {
namespace {

// docs/protocol.md section 2: "r+s at most 14, at most 12 where derived tokens are used".
int MaxBits(Handshake handshake) {
  return handshake == Handshake::kDerived ? tokenmap::kMaxBitsForDerived
                                          : tokenmap::kMaxBitsForExplicit;
}

void CheckCodepoint(const SchemeDraft& scheme, const GenerationDraft& generation) {
  if (!scheme.map.Valid("generation_bits") || !generation.map.Valid("codepoint")) return;
  const int r = scheme.scheme.generation_bits;
  const int reserved = (1 << r) - 1;
  const int codepoint = generation.generation.codepoint.value();
  if (codepoint < reserved) return;
  generation.map.Fail(
      "codepoint", fmt::format("{} is {}; allowed 0..{} with generation_bits: {}", codepoint,
                               codepoint == reserved ? "reserved" : "too large", reserved - 1, r));
}

void CheckKeyFile(const SchemeDraft& scheme, const GenerationDraft& generation) {
  if (!scheme.map.Valid("algorithm")) return;
  const bool given = generation.map.Find("key_file").has_value();
  if (scheme.scheme.algorithm == Algorithm::kPlain && given) {
    generation.map.Fail("key_file", "plain has no key; leave it out, or take algorithm: ff1");
  }
  if (scheme.scheme.algorithm != Algorithm::kPlain && !given) {
    generation.map.Fail("key_file", fmt::format("missing; required with algorithm: {}",
                                                ToWord(scheme.scheme.algorithm)));
  }
}

// Exactly one is active: what the backends issue.
void CheckActive(const SchemeDraft& scheme) {
  const GenerationDraft* active = nullptr;
  bool all_states_known = true;
  for (const GenerationDraft& draft : scheme.generations) {
    all_states_known = all_states_known && draft.map.Valid("state");
    if (!draft.map.Valid("state") || draft.generation.state != GenerationState::kActive) continue;
    if (active != nullptr) {
      draft.map.Fail("state", fmt::format("a second active generation; the first is in line {}",
                                          active->map.At("state").line));
    } else {
      active = &draft;
    }
  }
  if (active == nullptr && all_states_known && !scheme.generations.empty()) {
    scheme.map.Fail("generations", "none is active; exactly one must be");
  }
}

}  // namespace

void CheckLayout(const PoolDraft& draft, bool generation_bits_valid, Scheme& scheme) {
  if (!draft.map.Valid("max_backends")) return;
  const Pool& pool = draft.pool;
  const uint8_t s = tokenmap::IdBits(pool.max_backends);
  scheme.id_bits = s;
  if (!draft.map.Valid("handshake") || !generation_bits_valid) return;
  const int r = scheme.generation_bits;
  const int room = MaxBits(pool.handshake) - r;
  if (s <= room) return;
  draft.map.Fail("max_backends",
                 fmt::format("{} is too large; allowed 1..{} with handshake: {} and "
                             "generation_bits: {} (they leave {} ID bits)",
                             pool.max_backends, 1 << (room - 1), ToWord(pool.handshake), r, room));
}

void CheckScheme(PoolDraft& pool) {
  if (!pool.map.IsMap() || !pool.map.Valid("handshake")) return;
  const bool wanted = pool.pool.handshake != Handshake::kNone;
  if (!pool.scheme) {
    pool.pool.scheme.id_bits = tokenmap::IdBits(pool.pool.max_backends);
    if (wanted) {
      pool.map.Fail("scheme", fmt::format("missing; required with handshake: {}",
                                          ToWord(pool.pool.handshake)));
    }
    return;
  }
  if (!wanted) {
    pool.map.Fail("scheme", "handshake: none reads no token; leave the scheme out");
    return;
  }
  CheckLayout(pool, pool.scheme->map.Valid("generation_bits"), pool.scheme->scheme);
  Unique<Codepoint> codepoints;
  Unique<Serial> serials;
  for (const GenerationDraft& draft : pool.scheme->generations) {
    CheckCodepoint(*pool.scheme, draft);
    codepoints.Add(draft.map, "codepoint", draft.generation.codepoint);
    serials.Add(draft.map, "serial", draft.generation.serial);
    CheckKeyFile(*pool.scheme, draft);
  }
  CheckActive(*pool.scheme);
}

}  // namespace joinery::settings
