#include "lb/steer/snapshot.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/port_range.h"
#include "lb/steer/encap.h"
#include "lb/steer/maglev.h"
#include "lb/steer/rate_limit.h"
#include "lb/steer/route.h"
#include "wire/ipv4.h"

namespace joinery::steer {
namespace {

using PoolKey = PoolId;
using BackendKey = std::tuple<PoolId, BackendId, std::string>;

// For each key the index that it had, else the first that nobody of `keys` has.
template <typename Key>
std::vector<uint16_t> AssignIndexes(const std::map<Key, uint16_t>& previous,
                                    const std::vector<Key>& keys) {
  std::vector<uint16_t> indexes(keys.size(), kNoIndex);
  std::set<uint16_t> used;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (const auto old = previous.find(keys[i]); old != previous.end()) {
      indexes[i] = old->second;
      used.insert(old->second);
    }
  }
  uint16_t next = 0;
  for (uint16_t& index : indexes) {
    if (index != kNoIndex) continue;
    while (used.contains(next)) ++next;
    index = next++;
  }
  return indexes;
}

// One past the largest, and room for what `previous` had.
size_t Extent(const std::vector<uint16_t>& indexes, size_t previous) {
  return indexes.empty() ? previous
                         : std::max<size_t>(previous, std::ranges::max(indexes) + size_t{1});
}

Expected<tokenmap::TokenDecoder> MakeDecoder(const settings::Pool& pool) {
  const auto algorithm = pool.scheme.algorithm == settings::Algorithm::kPlain
                             ? tokenmap::Algorithm::kPlain
                             : tokenmap::Algorithm::kFf1;
  auto scheme = tokenmap::Scheme::Create(algorithm, pool.id, pool.scheme.generation_bits,
                                         pool.scheme.id_bits);
  if (!scheme) return tl::unexpected(scheme.error());
  std::vector<tokenmap::GenerationKey> live;
  for (const settings::Generation& g : pool.scheme.generations) {
    live.push_back({.codepoint = g.codepoint, .serial = g.serial, .key = g.key});
  }
  return tokenmap::TokenDecoder::Create(*scheme, live);
}

// Which timestamps of the pool's are believed; none while not all backends write cookies.
Expected<std::optional<tokenmap::CookieDecoder>> MakeCookieDecoder(const settings::Pool& pool) {
  if (!pool.cookie || pool.cookie->rule == settings::CookieRule::kWriting) return std::nullopt;
  std::vector<tokenmap::CookieEpoch> live;
  for (const settings::CookieEpoch& epoch : pool.cookie->epochs) {
    live.push_back({.serial = epoch.serial, .key = epoch.key});
  }
  auto decoder = tokenmap::CookieDecoder::Create(pool.scheme.id_bits, live);
  if (!decoder) return tl::unexpected(decoder.error());
  return *decoder;
}

}  // namespace

// Each step fills one part of the snapshot; an error ends the work.
class SnapshotBuilder {
 public:
  SnapshotBuilder(const settings::Config& config, uint64_t version, const Snapshot* previous)
      : config_(config), previous_(previous), snapshot_(new Snapshot) {
    snapshot_->version_ = version;
    snapshot_->steering_ = config.lb.steering;
    snapshot_->hash_rate_ = config.lb.hash_rate;
  }

  Expected<std::unique_ptr<const Snapshot>> Build() {
    if (auto done = PlacePools(); !done) return tl::unexpected(done.error());
    if (auto done = PlaceBackends(); !done) return tl::unexpected(done.error());
    for (size_t i = 0; i < config_.pools.size(); ++i) {
      if (auto done = FillPool(config_.pools[i], pool_indexes_[i]); !done) {
        return Fail(fmt::format("pool {}: {}", config_.pools[i].name, done.error().message));
      }
    }
    if (auto done = FillVips(); !done) return tl::unexpected(done.error());
    FillFastPath();
    return std::unique_ptr<const Snapshot>(std::move(snapshot_));
  }

 private:
  using Done = Expected<void>;

  Done PlacePools();
  Done PlaceBackends();
  Done PlaceBackend(const settings::Backend& backend, uint16_t pool, uint16_t index);
  Done FillPool(const settings::Pool& pool, uint16_t index);
  Done FillVips();
  void FillFastPath();
  [[nodiscard]] uint16_t NextHopIndex(const NextHop& hop);
  // Null if there was none.
  [[nodiscard]] std::shared_ptr<const PlacementTable> PlacementBefore(uint16_t pool) const {
    if (previous_ == nullptr || pool >= previous_->pools_.size()) return nullptr;
    return previous_->pools_[pool].placement;
  }

  const settings::Config& config_;
  const Snapshot* previous_;
  std::unique_ptr<Snapshot> snapshot_;
  std::vector<uint16_t> pool_indexes_;               // of config_.pools[i]
  std::vector<std::vector<uint16_t>> pool_members_;  // of config_.pools[i].backends[j]
};

Expected<void> SnapshotBuilder::PlacePools() {
  if (config_.pools.size() > kMaxPools) {
    return Fail(
        fmt::format("{} pools are too many; allowed 0..{}", config_.pools.size(), kMaxPools));
  }
  std::map<PoolKey, uint16_t> old;
  if (previous_ != nullptr) {
    for (uint16_t i = 0; i < previous_->pools_.size(); ++i) {
      if (!previous_->pools_[i].vacant) old[previous_->pools_[i].id] = i;
    }
  }
  std::vector<PoolKey> keys;
  std::set<PoolKey> ids;
  for (const settings::Pool& pool : config_.pools) {
    keys.push_back(pool.id);
    if (!ids.insert(pool.id).second) {
      return Fail(fmt::format("pool id {} is given twice", pool.id.value()));
    }
  }
  pool_indexes_ = AssignIndexes(old, keys);
  snapshot_->pools_.resize(
      Extent(pool_indexes_, previous_ == nullptr ? 0 : previous_->pools_.size()));
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    PoolEntry& entry = snapshot_->pools_[pool_indexes_[i]];
    entry.vacant = false;
    entry.name = config_.pools[i].name;
    entry.id = config_.pools[i].id;
    entry.since =
        old.contains(entry.id) ? previous_->pools_[pool_indexes_[i]].since : snapshot_->version_;
  }
  return {};
}

Expected<void> SnapshotBuilder::PlaceBackends() {
  std::map<BackendKey, uint16_t> old;
  if (previous_ != nullptr) {
    for (uint16_t i = 0; i < previous_->backends_.size(); ++i) {
      const BackendEntry& b = previous_->backends_[i];
      if (!b.vacant()) old[{previous_->pools_[b.pool].id, b.id, b.name}] = i;
    }
  }
  std::vector<BackendKey> keys;
  for (const settings::Pool& pool : config_.pools) {
    for (const settings::Backend& b : pool.backends) keys.emplace_back(pool.id, b.id, b.name);
  }
  if (keys.size() > kMaxBackends) {
    return Fail(fmt::format("{} backends are too many; allowed 0..{}", keys.size(), kMaxBackends));
  }
  const std::vector<uint16_t> indexes = AssignIndexes(old, keys);
  snapshot_->backends_.resize(
      Extent(indexes, previous_ == nullptr ? 0 : previous_->backends_.size()));
  snapshot_->tunnels_.resize(snapshot_->backends_.size());
  size_t next = 0;
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    pool_members_.emplace_back();
    for (const settings::Backend& b : config_.pools[i].backends) {
      const uint16_t index = indexes[next];
      if (auto done = PlaceBackend(b, pool_indexes_[i], index); !done) return done;
      if (old.contains(keys[next])) {
        snapshot_->backends_[index].since = previous_->backends_[index].since;
      }
      pool_members_.back().push_back(index);
      ++next;
    }
  }
  return {};
}

Expected<void> SnapshotBuilder::PlaceBackend(const settings::Backend& backend, uint16_t pool,
                                             uint16_t index) {
  const std::string name = fmt::format("{}/{}", snapshot_->pools_[pool].name, backend.name);
  const std::optional<Route> route = FindRoute(config_.lb.ports, backend.address);
  if (!route) {
    return Fail(fmt::format("backend {}: no port reaches {}", name, ToString(backend.address)));
  }
  if (backend.encap == settings::Encap::kL2 && !route->on_link) {
    return Fail(fmt::format("backend {}: {} is on no port's subnet, which encap l2 needs", name,
                            ToString(backend.address)));
  }
  const uint16_t link_mtu = config_.lb.ports[route->port].mtu;
  const uint16_t overhead = EncapOverhead(backend.encap, backend.address.family());
  snapshot_->backends_[index] = {
      .name = backend.name,
      .address = backend.address,
      .source = route->source,
      .id = backend.id,
      .pool = pool,
      .next_hop = NextHopIndex({.address = route->neighbour, .port = route->port}),
      .mtu = static_cast<uint16_t>(link_mtu - std::min(overhead, link_mtu)),
      .encap = backend.encap,
      .state = backend.state,
      .weight = backend.weight,
      .since = snapshot_->version_};
  snapshot_->tunnels_[index] = MakeTunnel(backend.encap, route->source, backend.address);
  return {};
}

uint16_t SnapshotBuilder::NextHopIndex(const NextHop& hop) {
  std::vector<NextHop>& hops = snapshot_->next_hops_;
  const auto found = std::ranges::find(hops, hop);
  if (found != hops.end()) return static_cast<uint16_t>(found - hops.begin());
  hops.push_back(hop);  // at most one for each backend, so below kMaxBackends
  return static_cast<uint16_t>(hops.size() - 1);
}

Expected<void> SnapshotBuilder::FillPool(const settings::Pool& pool, uint16_t index) {
  PoolEntry& entry = snapshot_->pools_[index];
  entry.handshake = pool.handshake;
  entry.join_rate = pool.join_rate;
  entry.hash_secret = pool.hash_secret;
  entry.by_id.assign(size_t{1} << pool.scheme.id_bits, kNoIndex);
  std::vector<MaglevBackend> placed;
  for (const uint16_t member : pool_members_[static_cast<size_t>(&pool - config_.pools.data())]) {
    const BackendEntry& backend = snapshot_->backends_[member];
    if (backend.id.value() >= entry.by_id.size()) {
      return Fail(fmt::format("backend id {} is too large; allowed 0..{}", backend.id.value(),
                              entry.by_id.size() - 1));
    }
    if (backend.reachable()) {
      uint16_t& place = entry.by_id[backend.id.value()];
      if (place != kNoIndex) {
        return Fail(fmt::format("backend id {} is given twice", backend.id.value()));
      }
      place = member;
    }
    if (backend.in_placement()) {
      placed.push_back({.name = backend.name, .weight = backend.weight, .value = member});
    }
  }
  auto placement =
      PlacementTable::Make(placed, entry.hash_secret, pool.table_size, PlacementBefore(index));
  if (!placement) return tl::unexpected(placement.error());
  entry.placement = *std::move(placement);
  entry.table = entry.placement->slots();
  auto cookie = MakeCookieDecoder(pool);
  if (!cookie) return tl::unexpected(cookie.error());
  entry.cookie = *std::move(cookie);
  if (entry.cookie) {
    snapshot_->reads_timestamps_ = true;
    for (const settings::CookieEpoch& epoch : pool.cookie->epochs) {
      entry.epochs[tokenmap::CookieResidue(epoch.serial)] = epoch.serial;
    }
  }
  if (pool.handshake == settings::Handshake::kNone) return {};
  auto decoder = MakeDecoder(pool);
  if (!decoder) return tl::unexpected(decoder.error());
  entry.decoder = *std::move(decoder);
  for (const settings::Generation& g : pool.scheme.generations) {
    entry.serials[g.codepoint.value()] = g.serial;  // the decoder's Create has checked its range
  }
  return {};
}

Expected<void> SnapshotBuilder::FillVips() {
  std::vector<VipTable::Service> services;
  std::set<IpAddress> addresses;
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    for (const settings::Vip& vip : config_.pools[i].vips) {
      addresses.insert(vip.address);
      for (const PortRange& ports : vip.ports) {
        services.push_back({.address = vip.address,
                            .protocol = vip.protocol,
                            .ports = ports,
                            .pool = pool_indexes_[i],
                            .by_address = vip.fragments == settings::Fragments::kByAddress});
      }
    }
  }
  auto table = VipTable::Build(std::move(services));
  if (!table) return tl::unexpected(table.error());
  snapshot_->vips_ = *std::move(table);
  snapshot_->vip_addresses_.assign(addresses.begin(), addresses.end());
  return {};
}

// Plain 5-tuple balancing has no fast path: it is there for comparison.
void SnapshotBuilder::FillFastPath() {
  if (config_.lb.steering != settings::Steering::kJoinery) return;
  std::vector<avx512::FastPath::Entry> entries;
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    const PoolEntry& pool = snapshot_->pools_[pool_indexes_[i]];
    for (const settings::Vip& vip : config_.pools[i].vips) {
      if (vip.protocol != wire::kProtocolTcp) continue;
      if (vip.fragments == settings::Fragments::kByAddress) continue;
      for (const PortRange& ports : vip.ports) {
        entries.push_back({.address = vip.address,
                           .ports = ports,
                           .pool = pool_indexes_[i],
                           .pool_id = pool.id,
                           .decodes = pool.decoder.has_value(),
                           .cookie = pool.cookie ? &*pool.cookie : nullptr,
                           .join_interval = RateLimit::Interval(std::max(1U, pool.join_rate)),
                           .table = pool.table,
                           .secret = pool.hash_secret});
      }
    }
  }
  std::vector<BackendId> ids;
  uint16_t smallest_mtu = UINT16_MAX;
  for (const BackendEntry& backend : snapshot_->backends_) {
    ids.push_back(backend.id);
    if (!backend.vacant()) smallest_mtu = std::min(smallest_mtu, backend.mtu);
  }
  snapshot_->fast_path_ = avx512::FastPath(entries, std::move(ids), smallest_mtu);
}

Expected<std::unique_ptr<const Snapshot>> Snapshot::Build(const settings::Config& config,
                                                          uint64_t version,
                                                          const Snapshot* previous) {
  return SnapshotBuilder(config, version, previous).Build();
}

}  // namespace joinery::steer
