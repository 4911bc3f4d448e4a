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
#include "lb/dpdk/control.h"
#include "lb/dpdk/devices.h"
#include "lb/dpdk/lcore.h"
#include "lb/dpdk/privileges.h"
#include "lb/dpdk/reload.h"
#include "lb/dpdk/stats.h"
#include "lb/dpdk/stats_server.h"
#include "settings/load.h"

namespace joinery::dpdk {
namespace {

using Lcores = std::vector<std::unique_ptr<Lcore>>;

std::vector<neighbour::Identity> Identities(const settings::Balancer& balancer,
                                            std::span<const Port> ports) {
  std::vector<neighbour::Identity> identities;
  for (size_t i = 0; i < ports.size(); ++i) {
    identities.emplace_back(ports[i].mac(), balancer.ports[i].addresses);
  }
  return identities;
}

// What the parts say of themselves, gathered on the control thread.
class StatsReader {
 public:
  StatsReader(const settings::Balancer& balancer, const Devices& devices, const Lcores& lcores,
              Neighbours& neighbours, const SnapshotHolder<Plan>& plans, const Clock& clock)
      : balancer_(balancer),
        devices_(devices),
        lcores_(lcores),
        neighbours_(neighbours),
        plans_(plans),
        clock_(clock),
        start_(clock.Now()) {}

  [[nodiscard]] Stats Read(uint64_t stats_refused) const {
    Stats stats;
    stats.name = balancer_.name;
    stats.uptime = clock_.Now() - start_;
    stats.stats_refused = stats_refused;
    ReadLcores(stats);
    for (const Port& port : devices_.ports()) {
      stats.ports.push_back({port.name(), port.mac(), port.counters()});
    }
    const Neighbours::Locked parts = neighbours_.Lock();
    stats.local = parts.responder.counts();
    stats.neighbours = parts.table.Status();
    return stats;
  }
  [[nodiscard]] const steer::Snapshot& snapshot() const noexcept {
    return *plans_.Current().snapshot;
  }

 private:
  void ReadLcores(Stats& stats) const {
    std::vector<const steer::Counters*> counters;
    for (size_t i = 0; i < lcores_.size(); ++i) {
      const EdgeCounters& edge = lcores_[i]->edge_counters();
      counters.push_back(&lcores_[i]->steer_counters());
      for (size_t drop = 0; drop < kEdgeDropCount; ++drop) {
        stats.edge_drops[drop] += edge.drops[drop].Read();
      }
      stats.sent += edge.sent.Read();
      stats.lcores.push_back({.cpu = balancer_.lcores[i],
                              .busy_polls = edge.busy_polls.Read(),
                              .empty_polls = edge.empty_polls.Read(),
                              .sleeps = edge.sleeps.Read()});
    }
    stats.totals = steer::SumCounters(counters, snapshot());
  }

  const settings::Balancer& balancer_;
  const Devices& devices_;
  const Lcores& lcores_;
  Neighbours& neighbours_;
  const SnapshotHolder<Plan>& plans_;
  const Clock& clock_;
  Instant start_;
};

void PrintLine(std::FILE* file, const std::string& text) {
  fmt::print(file, "joinery-lb: {}\n", text);
  std::fflush(file);
}

void ReloadAndSay(Reloader& reloader) {
  if (const auto version = reloader.Reload()) {
    PrintLine(stdout, fmt::format("configuration version {} is in force", *version));
  } else {
    PrintLine(stderr, version.error().message);
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
                              StatsServer& server, const std::string& path) {
  if (!user) return {};
  std::vector<std::string> drivers;
  for (const Port& port : ports) drivers.push_back(port.driver());
  if (auto given = server.GiveTo(user->uid, user->gid); !given) return given;
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

}  // namespace

Expected<void> Run(const std::string& path, const settings::Config& config) {
  const settings::Balancer& balancer = config.lb;
  const auto lcore_count = static_cast<uint16_t>(balancer.lcores.size());
  const BootClock clock;
  const auto user = WantedUser(balancer);
  if (!user) return tl::unexpected(user.error());
  Control control;
  const auto devices = Devices::Start(balancer);
  if (!devices) return tl::unexpected(devices.error());

  Neighbours neighbours(Identities(balancer, (*devices)->ports()));
  auto plan = MakePlan(config, 1, nullptr, neighbours, clock);
  if (!plan) return tl::unexpected(plan.error());
  neighbours.Lock().responder.SetVirtual((*plan)->snapshot->vip_addresses());
  const std::vector<neighbour::Slot> slots = (*plan)->slots;
  SnapshotHolder<Plan> plans(lcore_count, *std::move(plan));

  const LcoreWorld world{.ports = (*devices)->ports(),
                         .plans = plans,
                         .neighbours = neighbours,
                         .clock = clock,
                         .stop = control.stop_requested()};
  Lcores lcores;
  for (uint16_t i = 0; i < lcore_count; ++i) {
    lcores.push_back(
        std::make_unique<Lcore>(i, world, balancer, (*devices)->PoolOf(balancer.lcores[i])));
  }
  const StatsReader reader(balancer, **devices, lcores, neighbours, plans, clock);
  StatsServer* serving = nullptr;
  const auto server = StatsServer::Listen(control.io(), balancer.stats_socket, [&] {
    return ToJson(reader.Read(serving->refused()), reader.snapshot());
  });
  if (!server) return tl::unexpected(server.error());
  serving = server->get();
  if (auto given = GiveRightsAway(*user, (*devices)->ports(), **server, path); !given) return given;

  Reloader reloader(path, balancer, plans, neighbours, clock);
  control.Start(
      [&] {
        neighbours.WaitForAnswers(slots, kResolvePatience);
        (*devices)->Ready();
        PrintLine(stdout, fmt::format("ready: {} forwards on lcores {}, stats on {}", balancer.name,
                                      fmt::join(balancer.lcores, ","), balancer.stats_socket));
      },
      [&] { ReloadAndSay(reloader); });
  RunLcores(balancer, lcores);
  control.Stop();
  fmt::print("{}", ToTable(reader.Read((*server)->refused()), reader.snapshot()));
  return {};
}

}  // namespace joinery::dpdk
