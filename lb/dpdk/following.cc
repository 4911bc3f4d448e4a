#include "lb/dpdk/following.h"

#include <utility>

#include <fmt/format.h>

#include "lb/follow/last_good.h"
#include "lb/follow/pools.h"
#include "lb/follow/read_view.h"

namespace joinery::dpdk {
namespace {

Expected<std::shared_ptr<api::Credentials>> LoadCredentials(const settings::Control& control) {
  if (!control.tls) return std::shared_ptr<api::Credentials>();
  return api::Credentials::Load({.certificate = control.tls->certificate,
                                 .key = control.tls->key,
                                 .authority = control.tls->ca});
}

api::Endpoint EndpointOf(const settings::Control& control,
                         std::shared_ptr<api::Credentials> credentials) {
  if (!control.address) return {.unix_path = control.unix};
  return {.host = ToString(control.address->address),
          .port = control.address->port,
          .credentials = std::move(credentials)};
}

}  // namespace

Following::Following(const settings::Config& config, api::Loop& loop, Say say,
                     std::shared_ptr<api::Credentials> credentials)
    : balancer_(config.lb),
      loop_(loop),
      say_(std::move(say)),
      credentials_(std::move(credentials)) {}

Expected<std::unique_ptr<Following>> Following::Open(const settings::Config& config,
                                                     api::Loop& loop, const Clock& clock, Say say) {
  if (!config.control) return Fail("control: missing; a balancer without it has its own pools");
  const settings::Control& control = *config.control;
  auto credentials = LoadCredentials(control);
  if (!credentials) return Fail("control.tls: " + credentials.error().message);
  auto disk = follow::LastGood::Open(control.state_dir);
  if (!disk) return Fail("control.state_dir: " + disk.error().message);

  std::unique_ptr<Following> following(new Following(config, loop, std::move(say), *credentials));
  Following& self = *following;
  auto read = follow::ReadLastGood(control.state_dir);
  if (!read) self.say_(true, "the last good views can not be used: " + read.error().message);
  if (std::optional<follow::View> view = read ? *std::move(read) : std::nullopt) {
    auto pools = follow::ToPools(self.balancer_, *view->scheme.part, *view->load.part);
    self.start_ = std::move(view);
    if (pools) {
      self.pools_at_start_ = *std::move(pools);
    } else {
      self.ForgetStart(pools.error().message);
    }
  }
  self.session_ = std::make_unique<follow::Session>(
      loop, EndpointOf(control, *credentials), *std::move(disk), clock, self.random_,
      follow::Forwarding{.build = [&self](const auto& scheme,
                                          const auto& load) { return self.Build(scheme, load); },
                         .swap = [&self] { return self.Swap(); },
                         .say = self.say_});
  return following;
}

void Following::ForgetStart(const std::string& reason) {
  say_(true, "the last good views can not be used: " + reason);
  start_.reset();
  pools_at_start_.clear();
}

Expected<void> Following::GiveTo(uid_t uid, gid_t gid) const {
  auto given = session_->disk().GiveTo(uid, gid);
  if (!given) return Fail("control.state_dir: " + given.error().message);
  return {};
}

void Following::Start(PlanSwitch& plans, std::function<void()> first) {
  plans_ = &plans;
  if (!start_) first_ = std::move(first);
  if (credentials_) {
    credentials_timer_ = loop_.Every(kLookAtCredentials, [this] { LookAtCredentials(); });
  }
  session_->Start(std::exchange(start_, std::nullopt), plans.current().tables);
}

Expected<void> Following::Build(const api::SchemePart& scheme, const api::LoadPart& load) {
  auto pools = follow::ToPools(balancer_, scheme, load);
  if (!pools) return tl::unexpected(pools.error());
  return plans_->Build({.lb = balancer_, .control = {}, .pools = *std::move(pools)});
}

api::Digest Following::Swap() {
  plans_->Swap();
  if (first_) std::exchange(first_, nullptr)();
  return plans_->current().tables;
}

Expected<void> Following::Reload(const settings::Balancer& balancer) {
  std::vector<settings::Pool> pools;
  if (const auto& view = session_->in_force()) {
    const auto& scheme = view->scheme.part;
    const auto& load = view->load.part;
    if (!scheme || !load) return Fail("no whole view from control is in force yet");
    auto again = follow::ToPools(balancer, *scheme, *load);
    if (!again) return tl::unexpected(again.error());
    pools = *std::move(again);
  }
  if (auto built = plans_->Build({.lb = balancer, .control = {}, .pools = std::move(pools)});
      !built) {
    return built;
  }
  plans_->Swap();
  balancer_ = balancer;
  session_->Rebuilt(plans_->current().tables);
  session_->Retry();
  LookAtCredentials();
  return {};
}

void Following::LookAtCredentials() {
  if (!credentials_) return;
  const auto changed = credentials_->ReloadIfChanged();
  if (!changed) {
    say_(true, "control.tls: " + changed.error().message + "; what was read before stays");
  } else if (*changed) {
    say_(false, "control.tls: new files are in use");
  }
}

follow::Status Following::status() const { return session_->status(); }

bool Following::has_view() const noexcept { return start_ || session_->in_force(); }

}  // namespace joinery::dpdk
