#include "lb/follow/follower.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "api/position_text.h"
#include "lb/follow/fence.h"

namespace joinery::follow {
namespace {

// One Step: the state, the time and what is to be done.
class Turn {
 public:
  Turn(State& state, Instant now) : s_(state), now_(now) {}

  void On(event::SchemeCame came);
  void On(event::LoadCame came);
  void On(event::Unreadable bad) { Reject(bad.at, std::move(bad.reason)); }
  void On(event::Restored restored);
  void On(event::Built);
  void On(event::NotBuilt failed);
  void On(event::SchemeStored);
  void On(const event::SchemeNotStored& failed);
  void On(event::LoadStored) { s_.load_again.reset(); }
  void On(const event::LoadNotStored& failed);
  void On(event::InForce done);
  void On(event::Rebuilt again);
  void On(event::Ready ready);
  void On(event::Answered answered);
  void On(const event::NotAnswered& failed);
  void On(event::Contact);
  void On(const event::Silence& silence);
  void On(event::Tick);

  // What follows from all of them.
  Actions Finish() &&;

 private:
  void Do(Action action) { actions_.push_back(std::move(action)); }
  void Say(std::string text) { Do(action::Say{.trouble = false, .text = std::move(text)}); }
  void Complain(std::string text) { Do(action::Say{.trouble = true, .text = std::move(text)}); }
  void Reject(api::Position at, std::string reason);
  void ReportNow();

  // The newest of each part that is in force or on its way.
  [[nodiscard]] std::optional<api::Stamp> LatestScheme() const;
  [[nodiscard]] std::optional<api::Stamp> LatestLoad() const;

  void Advance();
  [[nodiscard]] std::optional<View> NextCandidate() const;
  [[nodiscard]] bool SchemeChanges() const {
    return !s_.in_force || s_.in_force->scheme.stamp != s_.candidate.scheme.stamp;
  }
  [[nodiscard]] bool LoadChanges() const {
    return !s_.in_force || s_.in_force->load.stamp != s_.candidate.load.stamp;
  }
  void DropScheme(const api::Stamp& stamp);
  void DropLoad(const api::Stamp& stamp);

  [[nodiscard]] std::pair<Announce, std::string> WantedAnnounce() const;

  State& s_;
  Instant now_;
  Actions actions_;
};

std::string Describe(const View& view) {
  return fmt::format("scheme part {} and load part {}", api::ToString(view.scheme.stamp.at),
                     api::ToString(view.load.stamp.at));
}

std::optional<api::Stamp> Turn::LatestScheme() const {
  if (s_.next_scheme) return s_.next_scheme->stamp;
  if (s_.stage != Stage::kIdle) return s_.candidate.scheme.stamp;
  if (s_.in_force) return s_.in_force->scheme.stamp;
  return std::nullopt;
}

std::optional<api::Stamp> Turn::LatestLoad() const {
  if (s_.next_load) return s_.next_load->stamp;
  if (s_.stage != Stage::kIdle) return s_.candidate.load.stamp;
  if (s_.in_force) return s_.in_force->load.stamp;
  return std::nullopt;
}

void Turn::Reject(api::Position at, std::string reason) {
  Complain(fmt::format("view {} is refused: {}", api::ToString(at), reason));
  s_.rejected = api::Rejection{.at = at, .reason = std::move(reason)};
  ReportNow();
}

void Turn::ReportNow() {
  if (s_.sent) {
    s_.report_again = true;
    return;
  }
  s_.sent = now_;
  s_.report_at.reset();
  s_.report_again = false;
  ++s_.sequence.number;
  Do(action::Report{ReportOf(s_)});
}

void Turn::On(event::SchemeCame came) {
  const auto known = LatestScheme();
  switch (Check(known, came.scheme.stamp)) {
    case Fence::kSame:
      return;
    case Fence::kRefused:
      Reject(came.scheme.stamp.at,
             "scheme part: " + WhyRefused(known.value_or(api::Stamp{}), came.scheme.stamp));
      return;
    case Fence::kNewer:
      s_.next_scheme = std::move(came.scheme);
      s_.scheme_again.reset();
      Advance();
  }
}

void Turn::On(event::LoadCame came) {
  const auto known = LatestLoad();
  switch (Check(known, came.load.stamp)) {
    case Fence::kSame:
      return;
    case Fence::kRefused:
      Reject(came.load.stamp.at,
             "load part: " + WhyRefused(known.value_or(api::Stamp{}), came.load.stamp));
      return;
    case Fence::kNewer:
      s_.next_load = std::move(came.load);
      Advance();
  }
}

void Turn::On(event::Restored restored) {
  s_.in_force = std::move(restored.view);
  s_.tables = restored.tables;
  Say(fmt::format("goes on by {}, the last good ones on disk", Describe(*s_.in_force)));
}

// One view at a time, the scheme part first: a load part may need it.
std::optional<View> Turn::NextCandidate() const {
  const bool may_store = !s_.scheme_again || now_ >= *s_.scheme_again;
  if (s_.next_scheme && may_store) {
    if (s_.in_force) return View{*s_.next_scheme, s_.in_force->load};
    if (s_.next_load && s_.next_load->part->scheme <= s_.next_scheme->stamp.at) {
      return View{*s_.next_scheme, *s_.next_load};
    }
  }
  const bool fits =
      s_.next_load && s_.in_force && s_.next_load->part->scheme <= s_.in_force->scheme.stamp.at;
  if (fits) return View{s_.in_force->scheme, *s_.next_load};
  return std::nullopt;
}

void Turn::Advance() {
  while (s_.stage == Stage::kIdle) {
    auto next = NextCandidate();
    if (!next) return;
    s_.candidate = *std::move(next);
    if (auto wrong = WhyNotFor(*s_.candidate.scheme.part, *s_.candidate.load.part)) {
      const api::Stamp stamp = s_.candidate.load.stamp;
      DropLoad(stamp);
      Reject(stamp.at, "load part: " + *std::move(wrong));
      continue;
    }
    s_.stage = Stage::kBuild;
    Do(action::Build{s_.candidate});
  }
}

void Turn::DropScheme(const api::Stamp& stamp) {
  if (s_.next_scheme && s_.next_scheme->stamp == stamp) s_.next_scheme.reset();
}

void Turn::DropLoad(const api::Stamp& stamp) {
  if (s_.next_load && s_.next_load->stamp == stamp) s_.next_load.reset();
}

void Turn::On(event::Built) {
  if (s_.stage != Stage::kBuild) return;
  if (SchemeChanges()) {
    s_.stage = Stage::kStore;
    Do(action::StoreScheme{s_.candidate.scheme});
  } else {
    s_.stage = Stage::kSwap;
    Do(action::Swap{});
  }
}

void Turn::On(event::NotBuilt failed) {
  if (s_.stage != Stage::kBuild) return;
  s_.stage = Stage::kIdle;
  // At the first view of all either part may be at fault; the reason names the path.
  if (SchemeChanges()) {
    DropScheme(s_.candidate.scheme.stamp);
    Reject(s_.candidate.scheme.stamp.at, std::move(failed.reason));
  } else {
    DropLoad(s_.candidate.load.stamp);
    Reject(s_.candidate.load.stamp.at, std::move(failed.reason));
  }
  Advance();
}

void Turn::On(event::SchemeStored) {
  if (s_.stage != Stage::kStore) return;
  s_.stage = Stage::kSwap;
  Do(action::Swap{});
}

// What is not durable is not confirmed, and what can not be confirmed is not forwarded by: it stays
// the next one, and is tried again.
void Turn::On(const event::SchemeNotStored& failed) {
  if (s_.stage != Stage::kStore) return;
  s_.stage = Stage::kIdle;
  s_.scheme_again = now_ + kStoreRetry;
  Reject(s_.candidate.scheme.stamp.at, "scheme part: not durable: " + failed.reason);
  Advance();
}

void Turn::On(const event::LoadNotStored& failed) {
  s_.load_again = now_ + kStoreRetry;
  Complain("the load part in force is not on disk: " + failed.reason);
}

void Turn::On(event::InForce done) {
  if (s_.stage != Stage::kSwap) return;
  const bool store_load = LoadChanges();
  s_.stage = Stage::kIdle;
  s_.in_force = s_.candidate;
  s_.tables = done.tables;
  DropScheme(s_.in_force->scheme.stamp);
  DropLoad(s_.in_force->load.stamp);
  // A scheme part that waits for room on the disk is still refused.
  if (!s_.next_scheme) s_.scheme_again.reset();
  if (!s_.scheme_again) s_.rejected.reset();
  Say(Describe(*s_.in_force) + " are in force");
  if (store_load) Do(action::StoreLoad{s_.in_force->load});
  ReportNow();
  Advance();
}

void Turn::On(event::Rebuilt again) {
  s_.tables = again.tables;
  ReportNow();
}

void Turn::On(event::Ready ready) {
  if (s_.ready == ready.ready) return;
  s_.ready = ready.ready;
  ReportNow();
}

void Turn::On(event::Answered answered) {
  if (!s_.sent) return;
  const Instant sent = *s_.sent;
  s_.sent.reset();
  const api::BalancerReply& reply = answered.reply;
  s_.lease_length = std::chrono::milliseconds(reply.lease_ms);
  // I4: counted from the sending, so that control's own count ends later.
  s_.lease_end = reply.lease ? std::optional(sent + s_.lease_length) : std::nullopt;
  s_.behind = reply.behind;
  s_.hand_back = reply.send_scheme;
  if (s_.connected != true) Say("control answers");
  s_.connected = true;
  const Nanoseconds pause = reply.lease ? s_.lease_length / 3 : kReportEvery;
  s_.report_at = std::max(now_, sent + std::max(pause, kReportAtMost));
  if (s_.report_again) ReportNow();
}

void Turn::On(const event::NotAnswered& failed) {
  if (!s_.sent) return;
  s_.sent.reset();
  if (s_.connected != false) Complain("control does not answer: " + failed.reason);
  s_.connected = false;
  s_.report_again = false;  // the next one says it all
  s_.report_at = now_ + kReportRetry;
}

void Turn::On(event::Contact) { s_.watching = true; }

void Turn::On(const event::Silence& silence) {
  if (s_.watching != false) Complain("control can not be watched: " + silence.reason);
  s_.watching = false;
}

void Turn::On(event::Tick) {
  if (s_.load_again && now_ >= *s_.load_again && s_.in_force) {
    s_.load_again.reset();
    Do(action::StoreLoad{s_.in_force->load});
  }
  if (s_.scheme_again && now_ >= *s_.scheme_again) s_.scheme_again.reset();
  Advance();
  if (s_.report_at && now_ >= *s_.report_at) ReportNow();
}

// A dead control plane never gets to kWithdraw: only what control said, or having nothing to
// forward by, does.
std::pair<Announce, std::string> Turn::WantedAnnounce() const {
  if (!s_.in_force) return {Announce::kWithdraw, "no view yet"};
  if (!s_.ready) return {Announce::kWithdraw, "ports and next hops are not ready yet"};
  if (s_.behind) return {Announce::kWithdraw, "control says that this balancer is behind"};
  if (HasLease(s_, now_)) return {Announce::kNormal, "it holds a lease"};
  return {Announce::kLower, "no lease from control"};
}

Actions Turn::Finish() && {
  if (s_.lease_end && now_ >= *s_.lease_end) s_.lease_end.reset();
  auto [announce, why] = WantedAnnounce();
  if (announce != s_.announce) {
    s_.announce = announce;
    Do(action::SetAnnounce{.announce = announce, .why = std::move(why)});
  }
  return std::move(actions_);
}

}  // namespace

std::string_view Name(Announce announce) noexcept {
  switch (announce) {
    case Announce::kNormal:
      return "normal";
    case Announce::kLower:
      return "lower";
    case Announce::kWithdraw:
      return "withdraw";
  }
  return "";
}

Actions Step(State& state, Event event, Instant now) {
  Turn turn(state, now);
  std::visit([&turn](auto&& happened) { turn.On(std::move(happened)); }, std::move(event));
  return std::move(turn).Finish();
}

std::optional<Instant> NextDeadline(const State& state) {
  std::optional<Instant> first;
  for (const auto& at : {state.lease_end, state.report_at, state.scheme_again, state.load_again}) {
    if (at && (!first || *at < *first)) first = at;
  }
  return first;
}

bool HasLease(const State& state, Instant now) noexcept {
  return state.lease_end && now < *state.lease_end;
}

api::BalancerReport ReportOf(const State& state) {
  api::BalancerReport report;
  report.sequence = state.sequence;
  if (state.in_force) {
    report.scheme = state.in_force->scheme.stamp;
    report.load = state.in_force->load.stamp.at;
    if (state.hand_back) report.held = *state.in_force->scheme.part;
  }
  report.rejected = state.rejected;
  report.tables = state.tables;
  report.ready = state.ready && state.in_force.has_value();
  return report;
}

}  // namespace joinery::follow
