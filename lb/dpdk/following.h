// A balancer that follows control, as this program does it: where the views are kept, what a view
// becomes, and who says so. The deciding is lb/follow's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/net/loop.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "lb/dpdk/plan_switch.h"
#include "lb/follow/session.h"
#include "settings/config.h"

namespace joinery::dpdk {

class Following {
 public:
  using Say = std::function<void(bool trouble, const std::string& text)>;

  // How often the files of TLS are looked at for a renewal.
  static constexpr Nanoseconds kLookAtCredentials = std::chrono::seconds(10);

  // Opens state_dir and reads the last good views and the files of TLS. `config` has `control`.
  // What it refers to outlives it.
  [[nodiscard]] static Expected<std::unique_ptr<Following>> Open(const settings::Config& config,
                                                                 api::Loop& loop,
                                                                 const Clock& clock, Say say);
  Following(const Following&) = delete;
  Following& operator=(const Following&) = delete;

  // What to forward by from the start: the pools of the last good views, or none. Forget: they
  // could not be used, for this reason.
  [[nodiscard]] const std::vector<settings::Pool>& pools_at_start() const noexcept {
    return pools_at_start_;
  }
  void ForgetStart(const std::string& reason);

  // state_dir and what is in it become this user's.
  [[nodiscard]] Expected<void> GiveTo(uid_t uid, gid_t gid) const;

  // On the loop's thread, when the plan of pools_at_start() is in force. `first`: at the first view
  // that comes into force.
  void Start(PlanSwitch& plans, std::function<void()> first);

  // A reload of the balancer's own settings: builds and swaps what is in force under them, and asks
  // for what was refused.
  [[nodiscard]] Expected<void> Reload(const settings::Balancer& balancer);

  [[nodiscard]] follow::Status status() const;
  [[nodiscard]] bool has_view() const noexcept;

 private:
  Following(const settings::Config& config, api::Loop& loop, Say say,
            std::shared_ptr<api::Credentials> credentials);
  [[nodiscard]] Expected<void> Build(const api::SchemePart& scheme, const api::LoadPart& load);
  [[nodiscard]] api::Digest Swap();
  void LookAtCredentials();

  settings::Balancer balancer_;
  api::Loop& loop_;
  Say say_;
  std::shared_ptr<api::Credentials> credentials_;  // null on a Unix socket
  SystemRandom random_;
  std::optional<follow::View> start_;
  std::vector<settings::Pool> pools_at_start_;
  PlanSwitch* plans_ = nullptr;
  std::function<void()> first_;
  std::unique_ptr<follow::Session> session_;
  api::Loop::Handle credentials_timer_;
};

}  // namespace joinery::dpdk
