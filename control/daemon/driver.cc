#include "control/daemon/driver.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api/agent_view_json.h"
#include "api/balancer_view_json.h"
#include "control/model/views.h"
#include "control/model/words.h"
#include "control/store/state_json.h"
#include "crypto/wipe.h"

namespace joinery::control {
namespace {

constexpr Nanoseconds kTick = std::chrono::milliseconds(500);

}  // namespace

std::string AgentResource(const BackendRef& ref) { return "agent/" + ToString(ref); }

Driver::Driver(api::Loop& loop, Store& store, const Clock& clock, Random& random, Hooks hooks)
    : loop_(&loop),
      store_(&store),
      clock_(&clock),
      random_(&random),
      hooks_(std::move(hooks)),
      hub_(loop, random) {}

Expected<void> Driver::Load() {
  auto loaded = store_->Load();
  if (!loaded) return unexpected(loaded.error());
  std::optional<StateImage>& image = *loaded;
  if (!image) return {};
  auto durable = ParseDurable(image->body);
  crypto::Wipe(image->body.data(), image->body.size());
  if (!durable) return Fail("the stored state is not understood: " + durable.error().message);
  model_.durable = *std::move(durable);
  model_.durable.at.epoch = std::max(model_.durable.at.epoch, image->epoch);
  return {};
}

void Driver::Start() {
  Submit(Started{});
  ticks_ = loop_->Every(kTick, [this] { Submit(Tick{}); });
}

void Driver::Submit(const Event& event, Done done) {
  if (dead_) return;
  waiting_.push_back(
      {.actions = Step(model_, event, clock_->Now(), *random_), .done = std::move(done)});
  // Posted behind whatever waits in the loop by now: that is stored with it.
  if (waiting_.size() == 1) loop_->Post([this] { Commit(); });
}

void Driver::Commit() {
  std::vector<Waiting> waiting = std::exchange(waiting_, {});
  const bool changed =
      std::ranges::any_of(waiting, [](const Waiting& one) { return one.actions.durable; });
  if (changed) {
    std::string body = ToJson(model_.durable);
    const auto saved = store_->Save(model_.durable.at.epoch, body);
    crypto::Wipe(body.data(), body.size());
    if (!saved) {
      dead_ = true;
      ticks_.Cancel();
      hooks_.fatal(saved.error().message);
      return;
    }
  }
  Publish(waiting);
  Log(waiting);
  for (const Waiting& one : waiting) {
    if (one.done) one.done(one.actions);
  }
  const bool views = std::ranges::any_of(
      waiting, [](const Waiting& one) { return one.actions.scheme || one.actions.load; });
  if (views && hooks_.changed) hooks_.changed();
}

void Driver::Publish(const std::vector<Waiting>& waiting) {
  bool scheme = false;
  bool load = false;
  std::set<BackendRef> agents;
  for (const Waiting& one : waiting) {
    scheme = scheme || one.actions.scheme;
    load = load || one.actions.load;
    agents.insert(one.actions.agents.begin(), one.actions.agents.end());
  }
  if (scheme) {
    if (const auto view = SchemeView(model_)) {
      PublishView(kSchemeResource, view->at, api::ToJson(*view));
    }
  }
  if (load) {
    if (const auto view = LoadView(model_)) {
      PublishView(kLoadResource, view->at, api::ToJson(*view));
    }
  }
  for (const BackendRef& ref : agents) PublishAgent(ref);
}

void Driver::PublishAgent(const BackendRef& ref) {
  const std::string resource = AgentResource(ref);
  if (const auto view = AgentViewOf(model_, ref)) {
    PublishView(resource, view->at, api::ToJson(*view));
  } else if (hub_.Find(resource) != nullptr) {
    hub_.Withdraw(resource);
  }
}

void Driver::PublishView(std::string_view resource, api::Position at, std::string bytes) {
  const api::Publication& published = hub_.Publish(resource, at, std::move(bytes));
  sent_.Add(resource, {.at = published.at, .digest = published.digest});
}

void Driver::Log(const std::vector<Waiting>& waiting) {
  const uint64_t before = events_.last();
  for (const Waiting& one : waiting) {
    for (const LogEntry& entry : one.actions.log) {
      events_.Add(TimeOfDay(), entry);
      hooks_.log(entry);
    }
  }
  if (events_.last() == before) return;
  hub_.Publish(kEventsResource, {.epoch = model_.durable.at.epoch, .version = events_.last()},
               events_.ToJson());
}

bool Driver::Trusts(std::string_view resource, const api::Stamp& stamp) const {
  // Nothing is published before all have reported, so whatever is held is from before.
  if (model_.now.recovery.waiting) return true;
  return sent_.Trusts(resource, stamp, model_.durable.at.epoch);
}

}  // namespace joinery::control
