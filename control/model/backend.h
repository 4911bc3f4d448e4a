// A server of a pool and its life: docs/protocol.md section 3, I3, I5, I6.
//
//   add    all leased balancers, and a quorum, confirmed
//  -----> added ------> up <------> draining          fail
//           |            |   drain,    |      any -----------> failed
//           | remove     |   undrain   |       ^                  |
//           v            v             v       |    restore       |
//        +----------- leaving ------------+    +------------------+ (to added)
//        | 1. no leased balancer places   |
//        | 2. its agent flushes its keys  |  remove
//        | 3. it says that it is empty    | <------ failed
//        +--------------------------------+
//               | empty, by its deadline, or by force
//               v
//            removed --> its ID rests --> ID free; the record is forgotten
//               |
//               +-- returns under its name, with its ID --> added
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

// kAdded     holds: in the scheme part; no balancer places on it; its agent may not encode yet.
//            ends: up, when enough balancers confirmed `published` (I5).
// kUp        holds: every leased balancer decodes its ID; placement has it while healthy.
//            ends: draining, leaving, failed.
// kDraining  holds: out of placement, still reached by what names it. ends: up, leaving, failed.
// kLeaving   holds: as draining; `flushing` once no leased balancer places on it, and from then on
// its
//            agent is told to encode nothing. ends: removed.
// kFailed    holds: decoded as nothing, everything that names it goes on down the ladder (I6).
//            ends: added, when the operator restores it; removed.
// kRemoved   holds: out of the scheme part; nobody else may have its ID. ends: see IdIsFree().
enum class BackendState : uint8_t { kAdded, kUp, kDraining, kLeaving, kFailed, kRemoved };

[[nodiscard]] std::string_view ToString(BackendState state) noexcept;

struct Backend {
  BackendId id;
  Endpoint endpoint;
  BackendState state = BackendState::kAdded;
  api::Position published;  // the scheme part that first had it as it is
  api::Position view;       // of what its agent is told now
  api::Position flushed;    // kLeaving: the view that told it to encode nothing; {0, 0}: not yet
  std::optional<Age> deadline;  // kDraining: it is then said what is left; kLeaving: it then goes
  std::set<Serial> encoded;  // every generation that it was ever told to encode under, while alive
  // kRemoved only.
  bool clean = false;  // it left empty, by its own word: its ID needs no rest
  Age removed_at{};
};

// Names a backend in all of control.
struct BackendRef {
  std::string pool;
  std::string backend;

  friend auto operator<=>(const BackendRef&, const BackendRef&) noexcept = default;
};

// "web/b1".
[[nodiscard]] std::string ToString(const BackendRef& ref);

}  // namespace joinery::control
