// A server of a pool and its life: docs/protocol.md section 3, I3, I5, I6.
//
//   add    all leased balancers, and a quorum, have its scheme entry;
//          then all leased ones its load entry
//                                         drain
//  -----> added ----------------> up ------------> draining
//           ^                      ^ <------------    |         fail (from any)
//           |                      |     undrain      |        -----------------> failed
//           |                      | returns          | remove                      |  |
//           |                      +------------> leaving <---- remove (from up)    |  |
//           | restore                                |                              |  |
//           +----------------------------------------|------------------------------+  | remove
//                                                    v                                 v
//                                                (removed: its ID rests, see RestingId)
//
// Leaving has steps: no leased balancer places on it any more; its agent is told to encode nothing
// and to flush its keys; it reports that it is empty. A deadline or force cuts them short.
//
// `down` is not a state here: health is the balancers' reason to place nothing new (I6), it is not
// durable, and it never moves a connection.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/position.h"
#include "base/ids.h"
#include "control/model/age.h"
#include "control/model/desired.h"

namespace joinery::control {

// kAdded     holds: in the scheme part; no balancer places on it; its agent may not encode. Once
//            enough balancers confirmed `published` it is `named` in the load part as well, as one
//            to place nothing on.
//            ends: up, when all leased balancers confirmed `named_in` (I5), and its agent has said
//            that it encodes nothing (I9).
// kUp        holds: every leased balancer decodes its ID; placement has it while it is healthy.
//            ends: draining, leaving, failed.
// kDraining  holds: out of placement, still reached by what names it. ends: up, leaving, failed.
// kLeaving   holds: as draining; once `flushing` no leased balancer places on it, and its agent
//            is told to encode nothing. ends: removed; up, when it is wanted again.
// kFailed    holds: in the scheme part, but what names it goes on down the ladder (I6); its agent
// is
//            told to encode nothing. ends: added, when the operator restores it; removed.
enum class BackendState : uint8_t { kAdded, kUp, kDraining, kLeaving, kFailed };

[[nodiscard]] std::string_view ToString(BackendState state) noexcept;

struct Backend {
  BackendId id;
  Endpoint endpoint{};
  BackendState state = BackendState::kAdded;
  api::Position published{};      // the scheme part that first had it
  bool named = false;             // the load part has an entry for it
  api::Position named_in{};       // the load part that first had it
  api::Position view{};           // of what its agent is told now
  api::Position unplaced{};       // the load part that first had it out of placement
  bool flushing = false;          // kLeaving: it is told to encode nothing
  api::Position flushed{};        // the view that first told it so
  std::optional<Age> deadline{};  // kDraining: it is then said what is left; kLeaving: it then goes
  std::set<Serial> encoded{};     // every generation that it was ever told to encode under
};

// The ID of a removed backend. It comes back with the backend, under its name; another gets it when
// it is free, see IsFree() in backend_ids.h (I3).
struct RestingId {
  BackendId id;
  std::string backend;         // empty: not known any more
  bool clean = false;          // it left empty, by its own word: the ID needs no rest
  std::set<Serial> encoded{};  // as of the backend
  Age since{};
};

// Names a backend in all of control.
struct BackendRef {
  std::string pool;
  std::string backend;

  friend auto operator<=>(const BackendRef&, const BackendRef&) noexcept = default;
};

}  // namespace joinery::control
