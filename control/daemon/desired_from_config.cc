#include "control/daemon/desired_from_config.h"

#include <set>
#include <string>

#include "base/big_endian.h"
#include "crypto/sha.h"

namespace joinery::control {
namespace {

api::ServedVip From(const settings::Vip& vip) {
  return {.address = vip.address,
          .protocol = vip.protocol,
          .ports = vip.ports,
          .fragments = vip.fragments};
}

HealthPolicy From(const settings::PoolHealth& health) {
  const bool withdraw = health.all_down == settings::AllDown::kWithdraw;
  return {.panic_percent = health.panic_percent,
          .all_down = withdraw ? AllDown::kWithdraw : AllDown::kFailOpen};
}

DesiredPool From(const settings::ControlPool& pool) {
  DesiredPool desired;
  desired.layout = {.id = {},
                    .max_backends = pool.max_backends,
                    .algorithm = pool.algorithm,
                    .generation_bits = pool.generation_bits,
                    .handshake = pool.handshake};
  desired.service = {.table_size = pool.table_size, .join_rate = pool.join_rate, .vips = {}};
  if (pool.health) desired.health = From(*pool.health);
  for (const settings::Vip& vip : pool.vips) desired.service.vips.push_back(From(vip));
  for (const settings::ControlBackend& backend : pool.backends) {
    desired.backends[backend.name] = {
        .address = backend.address, .encap = backend.encap, .weight = backend.weight};
  }
  return desired;
}

PoolId IdOf(const std::string& name, std::set<uint32_t>& taken) {
  const std::string text = "joinery pool " + name;
  const crypto::Sha256Digest digest =
      crypto::Sha256({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  uint32_t id = LoadBe32(digest.data());
  while (!taken.insert(id).second) ++id;
  return PoolId(id);
}

}  // namespace

Desired DesiredFrom(const settings::ControlConfig& config) {
  using std::chrono::hours;
  const settings::ControlDaemon& control = config.control;
  Desired desired;
  desired.policy = {.lease = seconds(control.lease_s),
                    .lb_quorum = control.lb_quorum,
                    .retire_hold = seconds(control.retire_hold_s),
                    .drain_max = hours(control.drain_max_h),
                    .quarantine = hours(control.quarantine_h)};
  for (const settings::ControlPool& pool : config.pools) desired.pools[pool.name] = From(pool);
  std::set<uint32_t> taken;
  for (auto& [name, pool] : desired.pools) pool.layout.id = IdOf(name, taken);
  for (const settings::ControlBalancer& balancer : config.balancers) {
    desired.balancers[balancer.name] = balancer.addresses;
  }
  return desired;
}

}  // namespace joinery::control
