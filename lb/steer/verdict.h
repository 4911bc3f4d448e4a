// What is to be done with a packet, and why. Made by DecideBurst (steer.h), carried out by
// forward::Rewrite (lb/forward/forward.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ids.h"
#include "lb/steer/rules.h"
#include "wire/parse_error.h"

namespace joinery::steer {

enum class Action : uint8_t {
  kForward,  // to `backend`
  kDrop,     // for `reason`
  kLocal,    // not for a VIP's service: ARP, neighbour discovery, echo to a VIP, traffic to the
             // balancer itself; whoever owns the port answers or drops it
  kCopy,     // to every reachable backend of `pool`: one of them knows what it is about
};
inline constexpr size_t kActionCount = 4;

// "forward", "drop", "local", "copy": as the counter is named.
[[nodiscard]] std::string_view Name(Action action) noexcept;

// No index: the packet is for no pool, or for no backend.
inline constexpr uint16_t kNoIndex = 0xffff;

struct Verdict {
  Action action = Action::kDrop;
  Rule rule = Rule::kHash;  // which answered; meaningful when backend is set, and for
                            // drop reasons join_rate and no_backend
  DropReason reason = DropReason::kNone;
  wire::ParseReason parse_reason = wire::ParseReason::kTruncated;  // reason malformed only
  Codepoint codepoint{};        // rules token and handshake: the token's generation
  uint8_t cookie_epoch = 0;     // rule cookie: in PoolEntry::epochs
  Notes notes = 0;              // what was noted on the way
  uint16_t pool = kNoIndex;     // in Snapshot::pools()
  uint16_t backend = kNoIndex;  // in Snapshot::backends()
  uint16_t flow = 0;            // low bits of the flow's hash (rule cookie: of the cookie's), which
                                // spread tunnels over paths

  void ForwardTo(Rule by, uint16_t to) noexcept {
    action = Action::kForward;
    rule = by;
    backend = to;
  }
  void Drop(DropReason why) noexcept {
    action = Action::kDrop;
    reason = why;
  }

  friend bool operator==(const Verdict&, const Verdict&) noexcept = default;
};

static_assert(sizeof(Verdict) == 14, "a burst's verdicts stay in seven cache lines");

}  // namespace joinery::steer
