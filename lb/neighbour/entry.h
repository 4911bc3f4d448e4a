// One neighbour's reachability: a pure state machine after RFC 4861 section 7.3, used for ARP
// (RFC 826) and for neighbour discovery alike. It differs from the RFC in one thing: a next hop of
// a balancer is always in use, so STALE, DELAY and PROBE are one state that probes at once.
//
//               answer                 30 s without an answer
//   incomplete --------> reachable ---------------------------> stale
//        |                ^     ^            answer               |
//        | 3 probes       |     +---------------------------------+
//        v                | answer                                | 3 probes
//   unreachable ----------+                                       |
//        ^--------------------------------------------------------+
//
// Hearing of another link address (an unsolicited announcement, a request) leads to stale with the
// new address from every state: it is used and verified at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mac_address.h"

namespace joinery::neighbour {

enum class State : uint8_t {
  kIncomplete,   // no link address yet; asks everyone each retransmit; ends by answer or probes
  kReachable,    // answered within `reachable`; ends by time
  kStale,        // has a link address, in use, and asks it for an answer each retransmit
  kUnreachable,  // no answer; packets are dropped; asks everyone each `unreachable_retry`
};
inline constexpr int kStateCount = 4;

[[nodiscard]] std::string_view Name(State state) noexcept;

// RFC 4861 section 10, but for unreachable_retry, which is ours.
struct Timing {
  Nanoseconds retransmit = std::chrono::seconds(1);          // RETRANS_TIMER
  Nanoseconds reachable = std::chrono::seconds(30);          // REACHABLE_TIME, without its jitter
  Nanoseconds unreachable_retry = std::chrono::seconds(10);  // between questions nobody answers
  uint8_t max_probes = 3;                                    // MAX_MULTICAST/UNICAST_SOLICIT
};

struct Entry {
  State state = State::kIncomplete;
  MacAddress mac;      // meaningful in reachable and stale
  uint8_t probes = 0;  // sent in this state without an answer
  Instant due{};       // when the next tick does something
  Instant last_probe{};
};

enum class EventKind : uint8_t {
  kTick,      // time has passed
  kDemand,    // a packet was dropped for want of the link address
  kAnswered,  // a solicited answer, with its link address
  kHeard,     // another sign of life that gives a link address but proves no way back
};

struct Event {
  EventKind kind = EventKind::kTick;
  MacAddress mac;
};

enum class Action : uint8_t {
  kNone,
  kAskAll,  // broadcast ARP request, multicast solicitation
  kAskOne,  // the same to entry.mac alone
};

// A fresh entry, to be asked for at the next tick.
[[nodiscard]] Entry MakeEntry(Instant now) noexcept;

// The only function that changes an entry. `now` never goes back.
[[nodiscard]] Action Step(Entry& entry, const Event& event, Instant now,
                          const Timing& timing) noexcept;

// Whether packets may be sent to entry.mac.
[[nodiscard]] constexpr bool IsUsable(State state) noexcept {
  return state == State::kReachable || state == State::kStale;
}

}  // namespace joinery::neighbour
