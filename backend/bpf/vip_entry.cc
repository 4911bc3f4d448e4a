#include "backend/bpf/vip_entry.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace joinery::bpf {
namespace {

struct OwnedRange {
  PortRange ports;
  uint32_t slot;
};

using RangesByAddress = std::map<IpAddress, std::vector<OwnedRange>>;

Expected<RangesByAddress> Gather(std::span<const CookieVip> vips, const PoolSlots& slots) {
  RangesByAddress ranges;
  for (const CookieVip& vip : vips) {
    const auto slot = slots.find(vip.pool);
    if (slot == slots.end()) {
      return Fail(fmt::format("VIP {}: its pool {} is not among the pools", ToString(vip.address),
                              vip.pool.value()));
    }
    for (const PortRange& ports : vip.ports) {
      if (ports.first == Port(0) || ports.last < ports.first) {
        return Fail(
            fmt::format("VIP {}: ports {}-{}; allowed 1..65535, the first not above the last",
                        ToString(vip.address), ports.first.value(), ports.last.value()));
      }
      ranges[vip.address].push_back({ports, slot->second});
    }
  }
  return ranges;
}

Expected<joinery_bpf_vip> MakeEntry(const IpAddress& address, std::vector<OwnedRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const OwnedRange& a, const OwnedRange& b) { return a.ports.first < b.ports.first; });
  joinery_bpf_vip entry{};
  size_t used = 0;
  for (const OwnedRange& range : ranges) {
    const uint16_t first = range.ports.first.value(), last = range.ports.last.value();
    joinery_bpf_range* before = used == 0 ? nullptr : &entry.ranges[used - 1];
    if (before != nullptr && before->last >= first) {
      return Fail(fmt::format("VIP {}: port {} is named twice", ToString(address), first));
    }
    if (before != nullptr && before->last + 1 == first && before->pool == range.slot) {
      before->last = last;
      continue;
    }
    if (used == JOINERY_BPF_MAX_RANGES) {
      return Fail(
          fmt::format("VIP {}: more than {} ranges of ports, which is all that the tc "
                      "programs look through; join some",
                      ToString(address), JOINERY_BPF_MAX_RANGES));
    }
    entry.ranges[used++] = {first, last, range.slot};
  }
  return entry;
}

}  // namespace

Expected<VipEntries> MakeVipEntries(std::span<const CookieVip> vips, const PoolSlots& slots) {
  auto ranges = Gather(vips, slots);
  if (!ranges) return unexpected(ranges.error());
  VipEntries entries;
  size_t of_family[2] = {0, 0};
  for (auto& [address, owned] : *ranges) {
    const auto entry = MakeEntry(address, std::move(owned));
    if (!entry) return unexpected(entry.error());
    if (++of_family[address.is_v4()] > JOINERY_BPF_MAX_VIPS) {
      return Fail(fmt::format("more than {} VIPs of one address family", JOINERY_BPF_MAX_VIPS));
    }
    entries.emplace(address, *entry);
  }
  return entries;
}

}  // namespace joinery::bpf
