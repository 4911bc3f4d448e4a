// The VIPs as the tc programs look them up: by address, with a short list of port ranges. Pure: it
// touches no map. Addresses are in network order, ports in host order.
#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "backend/bpf/cookie_maps.h"
#include "backend/bpf/cookie_settings.h"
#include "base/expected.h"

namespace joinery::bpf {

using VipEntries = std::map<IpAddress, joinery_bpf_vip>;
using PoolSlots = std::map<PoolId, uint32_t>;  // below JOINERY_BPF_MAX_POOLS

// Ranges of one address are sorted; those of one pool that touch are joined. Refuses a VIP of a
// pool that has no slot, ports that two VIPs claim, port 0, more ranges or addresses than the
// programs have room for.
[[nodiscard]] Expected<VipEntries> MakeVipEntries(std::span<const CookieVip> vips,
                                                  const PoolSlots& slots);

}  // namespace joinery::bpf
