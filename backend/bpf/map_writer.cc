#include "backend/bpf/map_writer.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include "backend/bpf/pool_entry.h"
#include "backend/bpf/vip_entry.h"
#include "crypto/wipe.h"

namespace joinery::bpf {
namespace {

using Slots = std::array<joinery_bpf_pool, JOINERY_BPF_MAX_POOLS>;

// Keys leave no copy behind.
struct Plan {
  Slots now{};
  std::vector<std::pair<uint32_t, joinery_bpf_pool>> steps{};
  PoolSlots slots{};

  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    crypto::Wipe(now);
    for (auto& step : steps) crypto::Wipe(step.second);
  }
};

Expected<void> Write(int map, const void* key, const void* value, const char* what) {
  if (bpf_map_update_elem(map, key, value, BPF_ANY) == 0) return {};
  return Fail(fmt::format("{}: the kernel does not take it: {}", what, std::strerror(errno)));
}

Expected<void> ReadSlots(int map, Slots& slots) {
  for (uint32_t slot = 0; slot < slots.size(); ++slot) {
    if (bpf_map_lookup_elem(map, &slot, &slots[slot]) != 0) {
      return Fail(fmt::format("slot {} of the pools: {}", slot, std::strerror(errno)));
    }
  }
  return {};
}

// The slot that has this owner, or a free one that the plan has not given away.
Expected<uint32_t> SlotFor(const Plan& plan, const joinery_bpf_pool& entry) {
  std::array<bool, JOINERY_BPF_MAX_POOLS> given{};
  for (const auto& [pool, slot] : plan.slots) given[slot] = true;
  for (uint32_t slot = 0; slot < plan.now.size(); ++slot) {
    if (plan.now[slot].owner == entry.owner) return slot;
  }
  for (uint32_t slot = 0; slot < plan.now.size(); ++slot) {
    if (plan.now[slot].owner == 0 && !given[slot]) return slot;
  }
  return Fail(fmt::format("more than {} pools", JOINERY_BPF_MAX_POOLS));
}

Expected<void> PlanPool(Plan& plan, const CookiePool& pool) {
  const auto entry = MakePoolEntry(pool);
  if (!entry) return unexpected(entry.error());
  if (plan.slots.contains(pool.pool)) {
    return Fail(fmt::format("pool {} is named twice", pool.pool.value()));
  }
  const auto slot = SlotFor(plan, *entry);
  if (!slot) return unexpected(slot.error());
  auto steps = StepsToPool(plan.now[*slot], *entry);
  if (!steps) return unexpected(steps.error());
  plan.slots.emplace(pool.pool, *slot);
  for (joinery_bpf_pool& step : *steps) {
    plan.steps.emplace_back(*slot, step);
    crypto::Wipe(step);
  }
  return {};
}

int MapOf(const CookieMaps& maps, const IpAddress& address) {
  return address.is_v4() ? maps.vips4 : maps.vips6;
}

std::vector<IpAddress> AddressesIn(int map, bool v4) {
  std::vector<IpAddress> found;
  std::array<uint8_t, 16> key{};
  const void* before = nullptr;
  while (bpf_map_get_next_key(map, before, key.data()) == 0) {
    found.push_back(v4 ? IpAddress::V4(std::span(key).first<4>()) : IpAddress::V6(key));
    before = key.data();
  }
  return found;
}

Expected<void> RemoveOtherVips(const CookieMaps& maps, const VipEntries& kept) {
  for (const bool v4 : {true, false}) {
    for (const IpAddress& address : AddressesIn(v4 ? maps.vips4 : maps.vips6, v4)) {
      if (kept.contains(address)) continue;
      if (bpf_map_delete_elem(MapOf(maps, address), address.bytes().data()) != 0) {
        return Fail(fmt::format("VIP {}: {}", ToString(address), std::strerror(errno)));
      }
    }
  }
  return {};
}

Expected<void> FreeOtherSlots(const CookieMaps& maps, const Plan& plan) {
  std::array<bool, JOINERY_BPF_MAX_POOLS> used{};
  for (const auto& [pool, slot] : plan.slots) used[slot] = true;
  const joinery_bpf_pool free{};
  for (uint32_t slot = 0; slot < used.size(); ++slot) {
    if (used[slot] || plan.now[slot].owner == 0) continue;
    if (auto freed = Write(maps.pools, &slot, &free, "a free pool"); !freed) return freed;
  }
  return {};
}

}  // namespace

Expected<void> WriteMaps(const CookieMaps& maps, const CookieSettings& settings) {
  Plan plan;
  if (auto read = ReadSlots(maps.pools, plan.now); !read) return read;
  for (const CookiePool& pool : settings.pools) {
    if (auto planned = PlanPool(plan, pool); !planned) return planned;
  }
  const auto vips = MakeVipEntries(settings.vips, plan.slots);
  if (!vips) return unexpected(vips.error());
  for (const auto& [slot, entry] : plan.steps) {
    if (auto written = Write(maps.pools, &slot, &entry, "a pool"); !written) return written;
  }
  for (const auto& [address, entry] : *vips) {
    auto written = Write(MapOf(maps, address), address.bytes().data(), &entry, "a VIP");
    if (!written) return written;
  }
  if (auto removed = RemoveOtherVips(maps, *vips); !removed) return removed;
  return FreeOtherSlots(maps, plan);
}

}  // namespace joinery::bpf
