// Rules over several values: what must be unique, what must fit together, what must be reachable.
// Each reports at the value that has to change, and passes over values that are known to be wrong.
#pragma once

#include <span>

#include "settings/draft.h"

namespace joinery::settings {

// The token layout and the generations of each pool (docs/protocol.md section 2); computes id_bits.
void CheckScheme(PoolDraft& pool);

// Names, IDs and numbers of the backends of one pool.
void CheckBackends(const PoolDraft& pool);

// Names and IDs of the pools; no two generations of any pool share a key.
void CheckPools(std::span<const PoolDraft> pools);

// Names and devices of the ports; the balancer's own addresses and its gateways.
void CheckPorts(std::span<const PortDraft> ports);

// Each VIP, protocol and port belongs to one pool; no VIP is a host's address; backends are where
// their encapsulation reaches.
void CheckAddresses(std::span<const PortDraft> ports, std::span<const PoolDraft> pools);

}  // namespace joinery::settings
