#include "lb/follow/session.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "api/reports_json.h"
#include "lb/follow/read_view.h"

namespace joinery::follow {
namespace {

constexpr const char* kSchemePath = "/v1/balancer/scheme";
constexpr const char* kLoadPath = "/v1/balancer/load";
constexpr const char* kReportPath = "/v1/balancer/report";

Expected<api::BalancerReply> ReplyOf(const Expected<api::Answer>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->ok()) return Fail(answer->ErrorText());
  auto reply = api::ParseBalancerReply(answer->body);
  if (!reply) return Fail("an answer that is none: " + reply.error().message);
  return reply;
}

}  // namespace

Session::Session(api::Loop& loop, api::Endpoint control, LastGood disk, const Clock& clock,
                 Random& random, Forwarding forwarding)
    : loop_(loop),
      control_(std::move(control)),
      disk_(std::move(disk)),
      clock_(clock),
      random_(random),
      forwarding_(std::move(forwarding)),
      client_(loop_, control_) {
  state_.sequence.session = random_.Uint64();
}

Session::~Session() = default;

void Session::Start(std::optional<View> restored, const api::Digest& tables) {
  if (restored) Handle(event::Restored{*std::move(restored), tables});
  Watch();
  Handle(event::Ready{true});
}

void Session::Retry() { Watch(); }

void Session::Rebuilt(const api::Digest& tables) {
  if (state_.in_force) Handle(event::Rebuilt{tables});
}

// From what is in force on: what was refused comes again.
void Session::Watch() {
  std::optional<api::Position> scheme;
  std::optional<api::Position> load;
  if (state_.in_force) {
    scheme = state_.in_force->scheme.stamp.at;
    load = state_.in_force->load.stamp.at;
  }
  if (scheme_watch_) {
    scheme_watch_->Restart(scheme);
    load_watch_->Restart(load);
    return;
  }
  scheme_watch_ = std::make_unique<api::Watcher>(
      loop_, control_, api::WatchOptions{.path = kSchemePath, .after = scheme},
      EventsFor([this](api::WatchedView view) { SchemeArrived(std::move(view)); }), random_);
  load_watch_ = std::make_unique<api::Watcher>(
      loop_, control_, api::WatchOptions{.path = kLoadPath, .after = load},
      EventsFor([this](api::WatchedView view) { LoadArrived(std::move(view)); }), random_);
}

api::WatchEvents Session::EventsFor(std::function<void(api::WatchedView)> on_view) {
  return {.on_view = std::move(on_view),
          .on_contact = [this] { Handle(event::Contact{}); },
          .on_trouble = [this](const Error& error) { Handle(event::Silence{error.message}); }};
}

void Session::SchemeArrived(api::WatchedView view) {
  auto scheme = ReadScheme(view.stamp, std::move(view.bytes));
  if (scheme) {
    Handle(event::SchemeCame{*std::move(scheme)});
  } else {
    Handle(event::Unreadable{view.stamp.at, "scheme part: " + scheme.error().message});
  }
}

void Session::LoadArrived(api::WatchedView view) {
  auto load = ReadLoad(view.stamp, std::move(view.bytes));
  if (load) {
    Handle(event::LoadCame{*std::move(load)});
  } else {
    Handle(event::Unreadable{view.stamp.at, "load part: " + load.error().message});
  }
}

// Actions may bring events at once; those wait for the rest of the actions.
void Session::Handle(Event event) {
  events_.push_back(std::move(event));
  if (handling_) return;
  handling_ = true;
  while (!events_.empty()) {
    Event next = std::move(events_.front());
    events_.pop_front();
    for (const Action& action : Step(state_, std::move(next), clock_.Now())) {
      std::visit([this](const auto& what) { Do(what); }, action);
    }
  }
  handling_ = false;
  Arm();
}

void Session::Arm() {
  const auto deadline = NextDeadline(state_);
  if (!deadline) {
    timer_.Cancel();
    return;
  }
  const Nanoseconds wait = std::max(*deadline - clock_.Now(), Nanoseconds::zero());
  timer_ = loop_.After(wait, [this] { Handle(event::Tick{}); });
}

void Session::Do(const action::Build& build) {
  const auto built = forwarding_.build(*build.view.scheme.part, *build.view.load.part);
  if (built) {
    Handle(event::Built{});
  } else {
    Handle(event::NotBuilt{built.error().message});
  }
}

void Session::Do(const action::StoreScheme& store) {
  const Scheme& scheme = store.scheme;
  const auto stored = disk_.Store(Kind::kScheme, scheme.stamp, *scheme.bytes);
  if (stored) {
    Handle(event::SchemeStored{});
  } else {
    Handle(event::SchemeNotStored{stored.error().message});
  }
}

void Session::Do(const action::StoreLoad& store) {
  const Load& load = store.load;
  const auto stored = disk_.Store(Kind::kLoad, load.stamp, *load.bytes);
  if (stored) {
    Handle(event::LoadStored{});
  } else {
    Handle(event::LoadNotStored{stored.error().message});
  }
}

void Session::Do(const action::Swap&) { Handle(event::InForce{forwarding_.swap()}); }

void Session::Do(const action::Report& report) {
  api::Call call{.method = "POST",
                 .target = kReportPath,
                 .body = api::ToJson(report.report),
                 .timeout = kReportTimeout};
  client_.Send(std::move(call), [this](const Expected<api::Answer>& answer) {
    const auto reply = ReplyOf(answer);
    if (!reply) {
      Handle(event::NotAnswered{reply.error().message});
      return;
    }
    const bool is_back = state_.connected == false && state_.watching == false;
    Handle(event::Answered{*reply});
    if (is_back) Watch();  // without the rest of its pause
  });
}

void Session::Do(const action::SetAnnounce& announce) {
  forwarding_.say(announce.announce == Announce::kWithdraw,
                  fmt::format("VIPs: {}: {}", Name(announce.announce), announce.why));
}

}  // namespace joinery::follow
