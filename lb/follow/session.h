// Carries out what the state machine (lb/follow/follower.h) decides: watches control, writes the
// last good views, reports, and lets the balancer build and swap. All in one loop's thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/net/client.h"
#include "api/net/endpoint.h"
#include "api/net/loop.h"
#include "api/net/watcher.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "lb/follow/follower.h"
#include "lb/follow/last_good.h"
#include "lb/follow/status.h"

namespace joinery::follow {

// What the balancer does when it is asked to.
struct Forwarding {
  // Makes, beside what is in force, what forwards by this view; the error is the report's reason.
  std::function<Expected<void>(const api::SchemePart&, const api::LoadPart&)> build;
  // Forwards by what was built last, and returns when every lcore is quiescent on it; the digest of
  // its tables.
  std::function<api::Digest()> swap;
  // A line for people; `trouble`: something is wrong.
  std::function<void(bool trouble, const std::string& text)> say;
};

class Session {
 public:
  static constexpr Nanoseconds kReportTimeout = std::chrono::seconds(5);

  // Loop, clock and random outlive the session.
  Session(api::Loop& loop, api::Endpoint control, LastGood disk, const Clock& clock, Random& random,
          Forwarding forwarding);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // In the loop's thread, once. `restored` is in force already, by tables of this digest.
  void Start(std::optional<View> restored, const api::Digest& tables);
  // What was refused is asked for again: the balancer's own settings have changed.
  void Retry();
  // What is in force was built and swapped again by the balancer itself.
  void Rebuilt(const api::Digest& tables);

  [[nodiscard]] const LastGood& disk() const noexcept { return disk_; }
  [[nodiscard]] Status status() const { return StatusOf(state_, clock_.Now()); }
  [[nodiscard]] const std::optional<View>& in_force() const noexcept { return state_.in_force; }

 private:
  void Handle(Event event);
  void Do(const action::Build& build);
  void Do(const action::StoreScheme& store);
  void Do(const action::StoreLoad& store);
  void Do(const action::Swap&);
  void Do(const action::Report& report);
  void Do(const action::SetAnnounce& announce);
  void Do(const action::Say& say) { forwarding_.say(say.trouble, say.text); }
  void Arm();
  void Watch();
  void SchemeArrived(api::WatchedView view);
  void LoadArrived(api::WatchedView view);
  [[nodiscard]] api::WatchEvents EventsFor(std::function<void(api::WatchedView)> on_view);

  api::Loop& loop_;
  api::Endpoint control_;
  LastGood disk_;
  const Clock& clock_;
  Random& random_;
  Forwarding forwarding_;
  api::Client client_;
  State state_;
  std::deque<Event> events_;
  bool handling_ = false;
  std::unique_ptr<api::Watcher> scheme_watch_;
  std::unique_ptr<api::Watcher> load_watch_;
  api::Loop::Handle timer_;
};

}  // namespace joinery::follow
