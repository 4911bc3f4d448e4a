// The state machine of a balancer that follows control: docs/protocol.md section 3, invariants I1,
// I4, I5 and I8. Pure: what happened and what time it is come in, what is to be done goes out; it
// reads no clock, file or socket. lb/follow/session.h carries it out.
//
// A view's way, one at a time:
//
//   arrives --fence--> waits --build--> built --store--> durable --swap--> in force --report-->
//              |                 |                 |
//              +-----------------+-----------------+--> rejected: what was in force stays
//
// A scheme part is durable before it is in force, and it is reported only then (I4: a lease is for
// who confirmed, and who confirmed can not lose it). A load part is published at once: it is in
// force first and stored afterwards.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/balancer_view.h"
#include "api/position.h"
#include "api/reports.h"
#include "base/clock.h"

namespace joinery::follow {

// What the rest of the network is to be told about this balancer's VIPs.
enum class Announce : uint8_t {
  kNormal,    // it holds a lease
  kLower,     // it has none, and goes on: at lower preference (I4)
  kWithdraw,  // it has nothing to forward by, or control says that it is behind
};
// "normal", "lower", "withdraw".
[[nodiscard]] std::string_view Name(Announce announce) noexcept;

// One part of the view, as it came. `bytes` are a secret: they hold keys.
template <typename Part>
struct Held {
  api::Stamp stamp;
  std::shared_ptr<const Part> part;
  std::shared_ptr<const std::string> bytes;
};
using Scheme = Held<api::SchemePart>;
using Load = Held<api::LoadPart>;

// What is forwarded by, together.
struct View {
  Scheme scheme;
  Load load;
};

// What happened.
namespace event {
struct SchemeCame {
  Scheme scheme;
};
struct LoadCame {
  Load load;
};
// Neither of them can be read: no JSON, an unknown word, a number out of range.
struct Unreadable {
  api::Position at;
  std::string reason;
};
// At start: this was on disk and is in force.
struct Restored {
  View view;
  api::Digest tables{};
};
struct Built {};
struct NotBuilt {
  std::string reason;
};
struct SchemeStored {};
struct SchemeNotStored {
  std::string reason;
};
struct LoadStored {};
struct LoadNotStored {
  std::string reason;
};
// Swapped in, and every lcore has passed a quiescent state since: nobody forwards by the old one.
struct InForce {
  api::Digest tables{};
};
// The balancer's own settings have changed: the same view is in force, by other tables.
struct Rebuilt {
  api::Digest tables{};
};
// Whether ports are up and next hops were asked for.
struct Ready {
  bool ready = false;
};
struct Answered {
  api::BalancerReply reply;
};
// The report got no answer, or one that is an error.
struct NotAnswered {
  std::string reason;
};
// A watch heard from control, or did not.
struct Contact {};
struct Silence {
  std::string reason;
};
// The time that NextDeadline named has come.
struct Tick {};
}  // namespace event

using Event = std::variant<event::SchemeCame, event::LoadCame, event::Unreadable, event::Restored,
                           event::Built, event::NotBuilt, event::SchemeStored,
                           event::SchemeNotStored, event::LoadStored, event::LoadNotStored,
                           event::InForce, event::Rebuilt, event::Ready, event::Answered,
                           event::NotAnswered, event::Contact, event::Silence, event::Tick>;

// What to do, in this order. All but the last two are answered by an event each.
namespace action {
// Make, beside what is in force, what forwards by this view: Built or NotBuilt.
struct Build {
  View view;
};
// Write to disk and make sure that it is there: SchemeStored or SchemeNotStored.
struct StoreScheme {
  Scheme scheme;
};
// The same: LoadStored or LoadNotStored.
struct StoreLoad {
  Load load;
};
// Forward by what was built: InForce.
struct Swap {};
// Send, and note the time before: Answered or NotAnswered.
struct Report {
  api::BalancerReport report;
};
struct SetAnnounce {
  Announce announce = Announce::kWithdraw;
  std::string why;
};
// A line for people.
struct Say {
  bool trouble = false;
  std::string text;
};
}  // namespace action

using Action = std::variant<action::Build, action::StoreScheme, action::StoreLoad, action::Swap,
                            action::Report, action::SetAnnounce, action::Say>;
using Actions = std::vector<Action>;

// The stage of the view on its way.
enum class Stage : uint8_t { kIdle, kBuild, kStore, kSwap };

// Without a lease, and after a report without answer, the next one follows after this.
inline constexpr Nanoseconds kReportEvery = std::chrono::seconds(3);
inline constexpr Nanoseconds kReportRetry = std::chrono::seconds(1);
// However short a lease is.
inline constexpr Nanoseconds kReportAtMost = std::chrono::milliseconds(100);
// After a part could not be written.
inline constexpr Nanoseconds kStoreRetry = std::chrono::seconds(5);

struct State {
  std::optional<View> in_force;
  api::Digest tables{};  // of what is in force
  bool ready = false;

  // Arrived, not in force; the newest of each.
  std::optional<Scheme> next_scheme;
  std::optional<Load> next_load;
  Stage stage = Stage::kIdle;
  View candidate;                       // in the stages but kIdle
  std::optional<Instant> scheme_again;  // next_scheme could not be stored; not before this
  std::optional<Instant> load_again;    // the load part in force could not be stored
  std::optional<api::Rejection> rejected;

  std::optional<bool> connected;     // whether the last report got its answer
  std::optional<bool> watching;      // whether the last thing heard from a watch was no trouble
  api::Sequence sequence;            // of the last report; its owner draws the session
  bool hand_back = false;            // control asked for the scheme part, keys included (I8)
  std::optional<Instant> sent;       // a report is under way since
  bool report_again = false;         // something changed meanwhile
  std::optional<Instant> report_at;  // the next one
  std::optional<Instant> lease_end;  // none: no lease
  Nanoseconds lease_length{};        // of the last one granted
  bool behind = false;
  Announce announce = Announce::kWithdraw;
};

[[nodiscard]] Actions Step(State& state, Event event, Instant now);

// When Step wants a Tick at the latest; none: never.
[[nodiscard]] std::optional<Instant> NextDeadline(const State& state);

[[nodiscard]] bool HasLease(const State& state, Instant now) noexcept;

// What this balancer says of itself now.
[[nodiscard]] api::BalancerReport ReportOf(const State& state);

}  // namespace joinery::follow
