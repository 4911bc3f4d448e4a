// Where others look in: the stats socket, the socket for requests beside it, and the pages for
// Prometheus and probes. All on the control thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <sys/types.h>

#include "api/net/loop.h"
#include "api/net/page_server.h"
#include "api/net/server.h"
#include "base/clock.h"
#include "base/expected.h"
#include "lb/dpdk/control.h"
#include "lb/dpdk/log.h"
#include "lb/dpdk/probes.h"
#include "lb/dpdk/stats.h"
#include "lb/dpdk/stats_server.h"
#include "settings/config.h"

namespace joinery::dpdk {

class Observer {
 public:
  struct Source {
    std::function<Stats()> stats;
    std::function<const steer::Snapshot&()> snapshot;  // the one in force
  };

  static constexpr Nanoseconds kLookAtLcores = std::chrono::seconds(1);

  // Opens the two sockets, or says why not. Metrics that can not be served are told and left out:
  // forwarding is worth more.
  [[nodiscard]] static Expected<std::unique_ptr<Observer>> Open(Control& control,
                                                                const settings::Balancer& balancer,
                                                                Source source, const Clock& clock,
                                                                Log& log);
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // It forwards now. On the control thread.
  void Started();
  // Whether every forwarding core goes round.
  [[nodiscard]] bool Healthy() const { return lcores_.Stuck().empty(); }
  // What the balancer says of itself, these sockets included.
  [[nodiscard]] Stats ReadStats() const;
  // The sockets become this user's, who may then remove them.
  [[nodiscard]] Expected<void> GiveTo(uid_t uid, gid_t gid) const;

 private:
  Observer(Control& control, Source source, const Clock& clock);
  [[nodiscard]] Expected<void> OpenRequests(const std::string& path);
  [[nodiscard]] Condition ConditionNow() const;
  [[nodiscard]] api::PageServer::Pages Pages() const;

  Control& control_;
  Source source_;
  const Clock& clock_;
  bool started_ = false;
  LcoreWatch lcores_;
  std::string requests_path_;
  std::unique_ptr<StatsServer> stats_server_;
  std::unique_ptr<api::Server> requests_;
  std::unique_ptr<api::PageServer> pages_;
  api::Loop::Handle look_;
};

}  // namespace joinery::dpdk
