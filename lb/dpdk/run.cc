#include "lb/dpdk/run.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "base/clock.h"
#include "base/notify.h"
#include "lb/dpdk/control.h"
#include "lb/dpdk/devices.h"
#include "lb/dpdk/following.h"
#include "lb/dpdk/lcore.h"
#include "lb/dpdk/log.h"
#include "lb/dpdk/observer.h"
#include "lb/dpdk/plan_switch.h"
#include "lb/dpdk/privileges.h"
#include "lb/dpdk/reload.h"
#include "lb/dpdk/stats.h"
#include "lb/dpdk/stats_reader.h"
#include "settings/load.h"

namespace joinery::dpdk {
namespace {

std::vector<neighbour::Identity> Identities(const settings::Balancer& balancer,
                                            std::span<const Port> ports) {
  std::vector<neighbour::Identity> identities;
  for (size_t i = 0; i < ports.size(); ++i) {
    identities.emplace_back(ports[i].mac(), balancer.ports[i].addresses);
  }
  return identities;
}

void ReloadAndSay(Reloader& reloader, Log& log) {
  if (const auto version = reloader.Reload()) {
    log.Say(fmt::format("configuration version {} is in force", *version));
  } else {
    log.Trouble(version.error().message);
  }
}

// The lcores but the first run on DPDK's threads, the first on this one.
void RunLcores(const settings::Balancer& balancer, const Lcores& lcores) {
  const auto run = [](void* lcore) {
    static_cast<Lcore*>(lcore)->Run();
    return 0;
  };
  for (size_t i = 1; i < lcores.size(); ++i) {
    rte_eal_remote_launch(run, lcores[i].get(), balancer.lcores[i]);
  }
  lcores.front()->Run();
  rte_eal_mp_wait_lcore();
}

// The end of root's rights, if that is wanted; ports and sockets are open. What SIGHUP will read
// must be readable afterwards: better to find out now.
Expected<void> GiveRightsAway(const std::optional<User>& user, std::span<const Port> ports,
                              const Observer& observer, const Following* following,
                              const std::string& path) {
  if (!user) return {};
  std::vector<std::string> drivers;
  for (const Port& port : ports) drivers.push_back(port.driver());
  if (auto given = observer.GiveTo(user->uid, user->gid); !given) return given;
  if (following != nullptr) {
    if (auto given = following->GiveTo(user->uid, user->gid); !given) return given;
  }
  if (auto done = BecomeUser(*user, NeededWhileRunning(drivers)); !done) return done;
  const auto config = settings::LoadFile(path);
  if (config) return {};
  std::string what =
      fmt::format("balancer.user: user {} cannot read what a reload reads again", user->name);
  for (const settings::Diagnostic& diagnostic : config.error()) {
    what += "\n  " + settings::ToString(diagnostic);
  }
  return Fail(what);
}

Expected<std::optional<User>> WantedUser(const settings::Balancer& balancer) {
  if (balancer.user.empty()) return std::nullopt;
  return FindUser(balancer.user);
}

// The control that the configuration names; null when the pools are in the file.
Expected<std::unique_ptr<Following>> OpenFollowing(const settings::Config& config, Control& control,
                                                   const Clock& clock, Log& log) {
  if (!config.control) return std::unique_ptr<Following>();
  return Following::Open(config, control.loop(), clock, [&log](bool trouble, const auto& text) {
    trouble ? log.Trouble(text) : log.Say(text);
  });
}

// What to forward by from the start. The last good views of control are dropped if they do not fit
// this machine any more; the file's pools are the operator's, who is told.
Expected<std::unique_ptr<Plan>> FirstPlan(const settings::Config& config, Following* following,
                                          Neighbours& neighbours, const Clock& clock) {
  constexpr uint64_t kFirstVersion = 1;
  if (following == nullptr) return MakePlan(config, kFirstVersion, nullptr, neighbours, clock);
  settings::Config followed{.lb = config.lb, .control = {}, .pools = following->pools_at_start()};
  auto plan = MakePlan(followed, kFirstVersion, nullptr, neighbours, clock);
  if (plan) return plan;
  following->ForgetStart(plan.error().message);
  followed.pools.clear();
  return MakePlan(followed, kFirstVersion, nullptr, neighbours, clock);
}

Lcores MakeLcores(const LcoreWorld& world, const settings::Balancer& balancer,
                  const Devices& devices) {
  Lcores lcores;
  for (uint16_t i = 0; i < balancer.lcores.size(); ++i) {
    lcores.push_back(
        std::make_unique<Lcore>(i, world, balancer, devices.PoolOf(balancer.lcores[i])));
  }
  return lcores;
}

void SayReady(const settings::Balancer& balancer, Log& log) {
  log.Say(fmt::format("ready: {} forwards on lcores {}, stats on {}", balancer.name,
                      fmt::join(balancer.lcores, ","), balancer.stats_socket));
}

// Tells the service manager that the program is up, and then that it is alive for as long as every
// core goes round: a restart mends one that does not. Whether VIPs should be announced is what
// /readyz says.
api::Loop::Handle TellServiceManager(const Notify& notify, Control& control,
                                     const Observer& observer) {
  notify.Send("READY=1");
  if (!notify.watchdog()) return {};
  return control.loop().Every(*notify.watchdog(), [&notify, &observer] {
    if (observer.Healthy()) notify.Send("WATCHDOG=1");
  });
}

// The control thread's first work, when the lcores run: `following` is null when the file has
// pools.
void Begin(const settings::Balancer& balancer, Following* following, PlanSwitch& plans, Log& log) {
  if (following == nullptr || following->has_view()) {
    SayReady(balancer, log);
  } else {
    log.Say(fmt::format("waits: {} has no view from control yet, stats on {}", balancer.name,
                        balancer.stats_socket));
  }
  if (following != nullptr) following->Start(plans, [&] { SayReady(balancer, log); });
}

}  // namespace

Expected<void> Run(const std::string& path, const settings::Config& config) {
  const settings::Balancer& balancer = config.lb;
  const auto lcore_count = static_cast<uint16_t>(balancer.lcores.size());
  const BootClock clock;
  const auto user = WantedUser(balancer);
  if (!user) return tl::unexpected(user.error());
  Log log(balancer.log);
  Control control;
  const auto devices = Devices::Start(balancer);
  if (!devices) return tl::unexpected(devices.error());
  const auto following = OpenFollowing(config, control, clock, log);
  if (!following) return tl::unexpected(following.error());

  Neighbours neighbours(Identities(balancer, (*devices)->ports()));
  auto plan = FirstPlan(config, following->get(), neighbours, clock);
  if (!plan) return tl::unexpected(plan.error());
  neighbours.Lock().responder.SetVirtual((*plan)->snapshot->vip_addresses());
  const std::vector<neighbour::Slot> slots = (*plan)->slots;
  SnapshotHolder<Plan> plans(lcore_count, *std::move(plan));

  const LcoreWorld world{.ports = (*devices)->ports(),
                         .plans = plans,
                         .neighbours = neighbours,
                         .clock = clock,
                         .stop = control.stop_requested()};
  const Lcores lcores = MakeLcores(world, balancer, **devices);
  const StatsReader reader(balancer, **devices, lcores, neighbours, plans, clock);
  const auto read_stats = [&] {
    Stats stats = reader.Read();
    if (*following) stats.following = (*following)->status();
    return stats;
  };
  const auto observer = Observer::Open(
      control, balancer,
      {.stats = read_stats, .snapshot = [&]() -> const auto& { return reader.snapshot(); }}, clock,
      log);
  if (!observer) return tl::unexpected(observer.error());
  if (auto given = GiveRightsAway(*user, (*devices)->ports(), **observer, following->get(), path);
      !given) {
    return given;
  }

  PlanSwitch plan_switch(plans, neighbours, clock);
  Reloader reloader(path, config, plan_switch, following->get());
  const Notify notify = Notify::FromEnvironment();
  api::Loop::Handle alive;
  control.Start(
      [&] {
        neighbours.WaitForAnswers(slots, kResolvePatience);
        (*devices)->Ready();
        (*observer)->Started();
        Begin(balancer, following->get(), plan_switch, log);
        alive = TellServiceManager(notify, control, **observer);
      },
      [&] { ReloadAndSay(reloader, log); });
  RunLcores(balancer, lcores);
  notify.Send("STOPPING=1");
  control.Stop();
  fmt::print("{}", ToTable((*observer)->ReadStats(), reader.snapshot()));
  return {};
}

}  // namespace joinery::dpdk
