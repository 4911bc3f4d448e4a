#include "lb/neighbour/entry.h"

namespace joinery::neighbour {
namespace {

void Enter(Entry& entry, State state, Instant due) noexcept {
  entry.state = state;
  entry.probes = 0;
  entry.due = due;
}

Action Probe(Entry& entry, Action action, Instant now, Nanoseconds next) noexcept {
  if (entry.probes < UINT8_MAX) ++entry.probes;
  entry.last_probe = now;
  entry.due = now + next;
  return action;
}

Action Tick(Entry& entry, Instant now, const Timing& timing) noexcept {
  if (now < entry.due) return Action::kNone;
  if (entry.state == State::kReachable) Enter(entry, State::kStale, now);
  if (entry.state != State::kUnreachable && entry.probes >= timing.max_probes) {
    Enter(entry, State::kUnreachable, now + timing.unreachable_retry);
    return Action::kNone;
  }
  switch (entry.state) {
    case State::kStale:
      return Probe(entry, Action::kAskOne, now, timing.retransmit);
    case State::kUnreachable:
      return Probe(entry, Action::kAskAll, now, timing.unreachable_retry);
    case State::kIncomplete:
    case State::kReachable:
      break;
  }
  return Probe(entry, Action::kAskAll, now, timing.retransmit);
}

}  // namespace

std::string_view Name(State state) noexcept {
  switch (state) {
    case State::kIncomplete:
      return "incomplete";
    case State::kReachable:
      return "reachable";
    case State::kStale:
      return "stale";
    case State::kUnreachable:
      return "unreachable";
  }
  return "?";
}

Entry MakeEntry(Instant now) noexcept {
  return Entry{.state = State::kIncomplete, .mac = {}, .probes = 0, .due = now, .last_probe = {}};
}

Action Step(Entry& entry, const Event& event, Instant now, const Timing& timing) noexcept {
  switch (event.kind) {
    case EventKind::kTick:
      return Tick(entry, now, timing);
    case EventKind::kDemand:
      // Traffic makes an unreachable neighbour worth asking sooner, but never faster than RFC 4861
      // section 7.2.2's one question a RETRANS_TIMER.
      if (entry.state == State::kUnreachable && now - entry.last_probe >= timing.retransmit) {
        return Probe(entry, Action::kAskAll, now, timing.unreachable_retry);
      }
      return Action::kNone;
    case EventKind::kAnswered:
      entry.mac = event.mac;
      Enter(entry, State::kReachable, now + timing.reachable);
      return Action::kNone;
    case EventKind::kHeard:
      // RFC 4861 section 7.2.3: the same address again changes nothing.
      if (IsUsable(entry.state) && entry.mac == event.mac) return Action::kNone;
      entry.mac = event.mac;
      Enter(entry, State::kStale, now);
      return Action::kNone;
  }
  return Action::kNone;
}

}  // namespace joinery::neighbour
