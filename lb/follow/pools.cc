#include "lb/follow/pools.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "settings/host_address.h"
#include "tokenmap/scheme.h"

namespace joinery::follow {
namespace {

// What is wrong, in one sentence each; the report has room for some of them.
class Faults {
 public:
  static constexpr size_t kMost = 8;

  void Add(std::string path, std::string what) {
    ++count_;
    if (lines_.size() < kMost) lines_.push_back(std::move(path) + ": " + std::move(what));
  }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::string ToString() const {
    const std::string text = fmt::format("{}", fmt::join(lines_, "; "));
    return count_ > kMost ? fmt::format("{}; and {} more", text, count_ - kMost) : text;
  }

 private:
  std::vector<std::string> lines_;
  size_t count_ = 0;
};

std::string PoolPath(const api::PoolScheme& pool) { return fmt::format("pools[{}]", pool.name); }

// Whose address it is, for a sentence; this machine's first.
std::map<IpAddress, std::string> OwnAddresses(const settings::Balancer& balancer) {
  std::map<IpAddress, std::string> own;
  for (const settings::PortConfig& port : balancer.ports) {
    for (const IpPrefix& prefix : port.addresses) {
      own.try_emplace(prefix.address, "the balancer's own");
    }
    for (const IpAddress& gateway : port.gateways) own.try_emplace(gateway, "a gateway's");
  }
  return own;
}

// The network or broadcast address of a subnet that the balancer is on.
std::optional<std::string_view> WhyNotOnSubnet(const settings::Balancer& balancer,
                                               const IpAddress& address) {
  for (const settings::PortConfig& port : balancer.ports) {
    for (const IpPrefix& prefix : port.addresses) {
      if (!prefix.Contains(address)) continue;
      if (const auto why = settings::WhyNotOn(prefix, address)) return why;
    }
  }
  return std::nullopt;
}

void CheckMembers(const settings::Balancer& balancer, const api::PoolScheme& pool,
                  const std::map<IpAddress, std::string>& own, Faults& faults) {
  std::map<IpAddress, std::string_view> seen;
  for (const api::Member& member : pool.members) {
    const std::string path = fmt::format("{}.members[{}].address", PoolPath(pool), member.name);
    const std::string address = ToString(member.address);
    if (const auto why = settings::WhyNoHost(member.address)) {
      faults.Add(path, fmt::format("{} is {}", address, *why));
    } else if (const auto found = own.find(member.address); found != own.end()) {
      faults.Add(path, fmt::format("{} is {}", address, found->second));
    } else if (const auto subnet = WhyNotOnSubnet(balancer, member.address)) {
      faults.Add(path, fmt::format("{} is {}", address, *subnet));
    }
    const auto [first, fresh] = seen.try_emplace(member.address, member.name);
    if (!fresh) faults.Add(path, fmt::format("{} is {}'s too", address, first->second));
  }
}

void CheckVips(const api::PoolScheme& pool, const std::map<IpAddress, std::string>& taken,
               Faults& faults) {
  for (const api::ServedVip& vip : pool.vips) {
    const std::string path = fmt::format("{}.vips[{}]", PoolPath(pool), ToString(vip.address));
    if (const auto why = settings::WhyNoHost(vip.address)) {
      faults.Add(path, fmt::format("it is {}", *why));
    } else if (const auto found = taken.find(vip.address); found != taken.end()) {
      faults.Add(path, fmt::format("it is {} address", found->second));
    }
  }
}

void CheckScheme(const api::PoolScheme& pool, std::vector<crypto::Key128>& keys, Faults& faults) {
  if (pool.handshake == settings::Handshake::kNone && !pool.generations.empty()) {
    faults.Add(PoolPath(pool) + ".generations", "handshake none reads no token");
  }
  if (pool.algorithm == settings::Algorithm::kPlain) return;  // has no keys
  for (const api::SchemeGeneration& generation : pool.generations) {
    const std::string path =
        fmt::format("{}.generations[serial {}].key", PoolPath(pool), generation.serial.value());
    if (std::ranges::find(keys, generation.key) != keys.end()) {
      faults.Add(path, "another generation has the same; each has its own");
    } else {
      keys.push_back(generation.key);
    }
  }
}

settings::Vip ToVip(const api::ServedVip& vip) {
  settings::Vip out{.address = vip.address,
                    .protocol = vip.protocol,
                    .ports = vip.ports,
                    .fragments = vip.fragments};
  std::ranges::sort(out.ports);
  return out;
}

std::vector<settings::Generation> ToGenerations(const api::PoolScheme& pool) {
  std::vector<settings::Generation> out;
  for (const api::SchemeGeneration& generation : pool.generations) {
    out.push_back({.codepoint = generation.codepoint,
                   .serial = generation.serial,
                   .state = generation.state,
                   .key = generation.key});
  }
  return out;
}

std::vector<settings::Backend> ToBackends(const api::PoolScheme& pool, const api::LoadPart& load) {
  std::map<BackendId, api::MemberLoad> loads;
  const auto of_pool = std::ranges::find(load.pools, pool.id, &api::PoolLoad::id);
  if (of_pool != load.pools.end()) {
    for (const api::MemberLoad& member : of_pool->members) loads[member.id] = member;
  }
  std::vector<settings::Backend> out;
  for (const api::Member& member : pool.members) {
    settings::Backend backend{.name = member.name,
                              .id = member.id,
                              .address = member.address,
                              .weight = 0,
                              .encap = member.encap,
                              .state = settings::BackendState::kFailed};
    if (const auto found = loads.find(member.id); found != loads.end()) {
      backend.weight = found->second.weight;
      backend.state = found->second.state;
    }
    out.push_back(std::move(backend));
  }
  return out;
}

settings::Pool ToPool(const api::PoolScheme& pool, const api::LoadPart& load) {
  settings::Pool out;
  out.name = pool.name;
  out.id = pool.id;
  out.max_backends = pool.max_backends;
  out.handshake = pool.handshake;
  out.scheme.algorithm = pool.algorithm;
  out.scheme.generation_bits = pool.generation_bits;
  out.scheme.id_bits = tokenmap::IdBits(pool.max_backends);
  out.scheme.generations = ToGenerations(pool);
  out.hash_secret = pool.hash_secret;
  out.table_size = pool.table_size;
  out.join_rate = pool.join_rate;
  for (const api::ServedVip& vip : pool.vips) out.vips.push_back(ToVip(vip));
  out.backends = ToBackends(pool, load);
  return out;
}

}  // namespace

Expected<std::vector<settings::Pool>> ToPools(const settings::Balancer& balancer,
                                              const api::SchemePart& scheme,
                                              const api::LoadPart& load) {
  Faults faults;
  const std::map<IpAddress, std::string> own = OwnAddresses(balancer);
  std::map<IpAddress, std::string> taken = own;
  std::vector<crypto::Key128> keys;
  for (const api::PoolScheme& pool : scheme.pools) {
    CheckMembers(balancer, pool, own, faults);
    CheckScheme(pool, keys, faults);
    for (const api::Member& member : pool.members) taken.try_emplace(member.address, "a backend's");
  }
  std::vector<settings::Pool> pools;
  for (const api::PoolScheme& pool : scheme.pools) {
    CheckVips(pool, taken, faults);
    pools.push_back(ToPool(pool, load));
  }
  if (!faults.empty()) return Fail(faults.ToString());
  return pools;
}

}  // namespace joinery::follow
