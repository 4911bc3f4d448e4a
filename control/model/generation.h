// One version of a pool's scheme and its life: docs/protocol.md section 3.
//
//                 all leased balancers,       every backend told reports zero for
//      rotate     and a quorum, confirmed     retire_hold, or drain_max, or by force
//   ---------> pending ---------> active ---------> draining ---------> (retired)
//                 |                 ^   a later one    |
//                 | abort           |   activates      |
//                 v                 +------------------+
//             (aborted)                   rollback
//
// retired and aborted are not states of an object: the generation is gone, its codepoint is free,
// and its serial is never given again.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "api/position.h"
#include "base/ids.h"
#include "control/model/age.h"
#include "crypto/key128.h"
#include "settings/config.h"

namespace joinery::control {

// kPending   holds: in the scheme part; no backend was ever told (told is empty).
//            ends: active, when enough balancers confirmed `published`; aborted, at any time.
// kActive    holds: every leased balancer decodes it; exactly one of a pool; backends encode under
// it.
//            ends: draining, when another activates or a rollback sets an older one active.
// kDraining  holds: every leased balancer decodes it; no agent's view says to encode under it.
//            ends: retired, see above; active again, by rollback.
using settings::GenerationState;

struct Generation {
  Codepoint codepoint;
  Serial serial;
  GenerationState state = GenerationState::kPending;
  crypto::Key128 key;
  api::Position published{};     // the scheme part that first had it
  api::Position drained{};       // the agents' views that first had it as draining
  Age draining_since{};          // when it last became draining
  std::set<std::string> told{};  // every backend that was ever told to encode under it, by name
};

}  // namespace joinery::control
