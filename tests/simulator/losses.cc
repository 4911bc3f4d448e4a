// What is owed to nobody: connections that a command ends, or drain_max. Until control serves the
// backend anew, which it may only when the backend has heard of it.

#include <algorithm>
#include <utility>

#include "control/model/encoding.h"
#include "tests/simulator/world.h"

namespace joinery::simulator {
namespace {

bool IsServed(control::BackendState state) {
  return state != control::BackendState::kAdded && state != control::BackendState::kFailed;
}

bool LeftClean(const control::Pool& pool, const std::string& name) {
  const auto resting = std::ranges::find(pool.resting, name, &control::RestingId::backend);
  return resting != pool.resting.end() && resting->clean;
}

}  // namespace

void World::GiveUp(const std::string& backend) {
  forced_out_.insert(backend);
  for (LiveToken& token : agents_.at(backend)->tokens()) token.lost = true;
}

void World::GiveUp(Serial serial) {
  for (const auto& [name, agent] : agents_) {
    given_up_.emplace(name, serial);
    for (LiveToken& token : agent->tokens()) token.lost |= token.serial == serial;
  }
}

// What balancers and agents do until they hear of it is lost too.
bool World::IsGivenUp(const std::string& backend, Serial serial) const {
  return !served_.contains(backend) || forced_out_.contains(backend) ||
         given_up_.contains({backend, serial});
}

// Control has made a step: who is served now, and what has ended with it.
void World::Heed() {
  const auto found = model_.durable.pools.find("web");
  if (model_.now.recovery.waiting || found == model_.durable.pools.end()) return;
  const control::Pool& pool = found->second;
  std::set<std::string> served;
  for (const auto& [name, backend] : pool.backends) {
    if (IsServed(backend.state)) served.insert(name);
  }
  // Whom a start took over from a backup may have been served all the time.
  const bool taken_over = std::exchange(control_started_, false);
  for (const std::string& name : served) {
    if (taken_over || served_.contains(name)) continue;
    forced_out_.erase(name);
    std::erase_if(given_up_, [&](const auto& loss) { return loss.first == name; });
  }
  for (const std::string& name : served_) {
    if (!pool.backends.contains(name) && LeftClean(pool, name)) agents_.at(name)->HangUp();
  }
  served_ = std::move(served);
  std::map<Serial, control::Age> draining;
  for (const control::Generation& generation : pool.generations) {
    if (generation.state == control::GenerationState::kDraining) {
      draining[generation.serial] = generation.draining_since;
    }
  }
  for (const auto& [serial, since] : draining_) {
    const bool late = model_.durable.age >= since + model_.durable.policy.drain_max;
    if (late && control::Find(found->second, serial) == nullptr) GiveUp(serial);
  }
  draining_ = std::move(draining);
}

}  // namespace joinery::simulator
