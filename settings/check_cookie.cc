#include <algorithm>

#include <fmt/format.h>

#include "settings/check.h"
#include "settings/unique.h"

namespace joinery::settings {
namespace {

// Exactly one is active: what the backends write. Null when it is not known which.
const CookieEpochDraft* FindActive(const CookieDraft& cookie) {
  const CookieEpochDraft* active = nullptr;
  const bool all_states_known = std::ranges::all_of(
      cookie.epochs, [](const CookieEpochDraft& draft) { return draft.map.Valid("state"); });
  for (const CookieEpochDraft& draft : cookie.epochs) {
    if (!draft.map.Valid("state") || draft.epoch.state != GenerationState::kActive) continue;
    if (active != nullptr) {
      draft.map.Fail("state", fmt::format("a second active epoch; the first is in line {}",
                                          active->map.At("state").line));
      return nullptr;
    }
    active = &draft;
  }
  if (active == nullptr && all_states_known && !cookie.epochs.empty()) {
    cookie.map.Fail("epochs", "none is active; exactly one must be");
  }
  return active;
}

// An epoch begins only when the one before the active one has ended, so the field of two bits
// always tells the live ones apart.
void CheckNeighbour(const CookieEpochDraft& draft, uint64_t active) {
  const uint64_t serial = draft.epoch.serial.value();
  const bool pending = draft.epoch.state == GenerationState::kPending;
  const uint64_t allowed = pending ? active + 1 : active - 1;
  if (serial == allowed) return;
  draft.map.Fail("serial",
                 fmt::format("{} is {}; allowed {}, the one {} the active one", serial,
                             ToWord(draft.epoch.state), allowed, pending ? "after" : "before"));
}

}  // namespace

void CheckCookie(const PoolDraft& pool) {
  if (!pool.cookie) return;
  Unique<Serial> serials;
  for (const CookieEpochDraft& draft : pool.cookie->epochs) {
    serials.Add(draft.map, "serial", draft.epoch.serial);
  }
  const CookieEpochDraft* active = FindActive(*pool.cookie);
  if (active == nullptr || !active->map.Valid("serial")) return;
  for (const CookieEpochDraft& draft : pool.cookie->epochs) {
    if (&draft == active || !draft.map.Valid("serial") || !draft.map.Valid("state")) continue;
    CheckNeighbour(draft, active->epoch.serial.value());
  }
}

}  // namespace joinery::settings
