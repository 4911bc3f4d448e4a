// Owns the model and keeps its contract with the world (control/model/actions.h): an event is
// stepped, what became durable is stored, and only then anything of it is said. Events that wait in
// the loop together are stored together, so that a thousand reports cost one write.
//
// Everything runs in one loop; nothing here is thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/net/hub.h"
#include "api/net/loop.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "control/daemon/event_ring.h"
#include "control/daemon/sent_views.h"
#include "control/model/event.h"
#include "control/model/model.h"
#include "control/store/store.h"

namespace joinery::control {

// Names of the hub's resources.
inline constexpr std::string_view kSchemeResource = "balancer/scheme";
inline constexpr std::string_view kLoadResource = "balancer/load";
inline constexpr std::string_view kEventsResource = "events";
[[nodiscard]] std::string AgentResource(const BackendRef& ref);

class Driver {
 public:
  struct Hooks {
    std::function<void(const LogEntry&)> log;
    // The state could not be stored: nothing more is done or said, and the program has to end.
    std::function<void(const std::string&)> fatal;
    // The scheme or the load part is another: pools or backends may be, too.
    std::function<void()> changed;
  };
  // After the durable part is stored. Never called when that fails.
  using Done = std::function<void(const Actions&)>;

  // All of them outlive the driver.
  Driver(api::Loop& loop, Store& store, const Clock& clock, Random& random, Hooks hooks);
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Reads the state; an error says what is wrong with it.
  [[nodiscard]] Expected<void> Load();
  // The first event, and from then on the ticks.
  void Start();
  void Submit(const Event& event, Done done = {});

  [[nodiscard]] const Model& model() const noexcept { return model_; }
  [[nodiscard]] Instant Now() const noexcept { return clock_->Now(); }
  [[nodiscard]] api::Hub& hub() noexcept { return hub_; }
  // Whether a confirmation is of the bytes that were sent (sent_views.h).
  [[nodiscard]] bool Trusts(std::string_view resource, const api::Stamp& stamp) const;

 private:
  struct Waiting {
    Actions actions;
    Done done;
  };

  void Commit();
  void Publish(const std::vector<Waiting>& waiting);
  void PublishAgent(const BackendRef& ref);
  void PublishView(std::string_view resource, api::Position at, std::string bytes);
  void Log(const std::vector<Waiting>& waiting);

  api::Loop* loop_;
  Store* store_;
  const Clock* clock_;
  Random* random_;
  Hooks hooks_;
  Model model_;
  api::Hub hub_;
  SentViews sent_;
  EventRing events_;
  std::vector<Waiting> waiting_;
  bool dead_ = false;
  api::Loop::Handle ticks_;
};

}  // namespace joinery::control
