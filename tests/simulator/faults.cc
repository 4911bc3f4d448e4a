// What goes wrong in the simulated world, and how it ends.

#include <fmt/format.h>

#include "tests/simulator/world.h"

namespace joinery::simulator {

void World::RestartControl() {
  if (!control_up_) return;
  control_up_ = false;
  Note("control dies");
  if (options_.restores == Restores::kControl && !backups_.empty() && Chance(40)) {
    disk_ = backups_[random_.Below(static_cast<uint32_t>(backups_.size()))];
    backups_.clear();
    Note(fmt::format("its state is restored from a backup of {}.{}", disk_.at.epoch,
                     disk_.at.version));
  }
  const auto longest = static_cast<uint32_t>(milliseconds(options_.restart_max).count());
  At(now_ + milliseconds(random_.Below(longest)), [this] { StartControl(); });
}

void World::RestartBalancer(BalancerNode& balancer) {
  if (!balancer.up()) return;
  balancer.Crash();
  Note(balancer.name() + " dies");
  if (options_.restores == Restores::kBalancers && Chance(40)) balancer.RestoreDisk();
  At(now_ + milliseconds(random_.Below(15'000)), [this, &balancer] {
    if (balancer.up()) return;
    balancer.Start(random_);
    Note(balancer.name() + " starts");
    truth_.AfterBalancer(balancer, agents_, now_);
    ReportOf(balancer);
  });
}

void World::RestartAgent(AgentNode& agent) {
  if (!agent.up()) return;
  agent.Crash();
  const bool machine = Chance(40);
  if (machine) agent.LoseKernel(random_);
  Note(agent.name() + (machine ? "'s machine dies" : "'s agent dies"));
  if (options_.restores == Restores::kAgents && Chance(40)) agent.RestoreDisk();
  At(now_ + milliseconds(random_.Below(15'000)), [this, &agent] {
    if (agent.up()) return;
    if (agent.Start(now_, random_)) truth_.AfterEncoding(agent);
    ReportOf(agent);
  });
}

void World::BreakSomething() {
  const auto cut = [&](const std::string& name) {
    if (!Rarely(options_.partition_permille)) return;
    const auto longest = static_cast<uint32_t>(options_.partition_max.count());
    const Instant until = now_ + seconds(1 + random_.Below(longest));
    const uint32_t way = random_.Below(3);  // 0: both
    if (way != 1) cut_off_[name].to_control_until = until;
    if (way != 2) cut_off_[name].from_control_until = until;
    constexpr const char* kWays[] = {"", ": it hears nothing", ": it is not heard"};
    Note(name + " is cut off" + kWays[way]);
  };
  if (Rarely(options_.restart_permille)) RestartControl();
  for (const auto& balancer : balancers_) {
    cut(balancer->name());
    if (Rarely(options_.restart_permille)) RestartBalancer(*balancer);
  }
  for (const auto& [name, agent] : agents_) {
    cut(name);
    if (Rarely(options_.restart_permille)) RestartAgent(*agent);
  }
}

// From here on nothing goes wrong any more, and clients come to an end.
void World::Heal() {
  Note("all heals");
  healed_ = true;
  if (!control_up_) StartControl();
  for (const auto& balancer : balancers_) {
    if (!balancer->up()) {
      balancer->Start(random_);
      truth_.AfterBalancer(*balancer, agents_, now_);
    }
  }
  for (const auto& [name, agent] : agents_) {
    if (!agent->up() && agent->Start(now_, random_)) truth_.AfterEncoding(*agent);
    agent->tokens().clear();
  }
}

void World::EachSecond() {
  for (const auto& balancer : balancers_) balancer->Write(now_);
  if (!healed_) {
    BreakSomething();
    for (uint32_t i = 0; i < options_.placed_each_second; ++i) Place();
    // An empty state knows nobody to wait for: that is a new installation, and no backup.
    const bool kept = options_.restores == Restores::kControl && !disk_.pools.empty();
    if (kept && Chance(10)) backups_.push_back(disk_);
  }
  if (control_up_) Do(control::Tick{});
}

}  // namespace joinery::simulator
