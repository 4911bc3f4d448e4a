// Rules over several values: what must be unique, what must fit together, what must be reachable.
// Each reports at the value that has to change, and passes over values that are known to be wrong.
#pragma once

#include <map>
#include <span>
#include <string>

#include "base/ip_address.h"
#include "settings/draft.h"

namespace joinery::settings {

// The token layout and the generations of each pool (docs/protocol.md section 2); computes id_bits.
void CheckScheme(PoolDraft& pool);

// Whether the pool's backend IDs fit into its tokens; computes id_bits.
void CheckLayout(const PoolDraft& draft, bool generation_bits_valid, Scheme& scheme);

// The epochs of each pool's cookie: one is active, the others are its neighbours in time.
void CheckCookie(const PoolDraft& pool);

// Names, IDs and numbers of the backends of one pool.
void CheckBackends(const PoolDraft& pool);
// The same without their IDs.
void CheckBackendNames(const PoolDraft& pool);

// Names and IDs of the pools; no two generations or cookie epochs of any
// pool share a key.
void CheckPools(std::span<const PoolDraft> pools);

// Names and devices of the ports; the balancer's own addresses and its gateways.
void CheckPorts(std::span<const PortDraft> ports);

// Each VIP, protocol and port belongs to one pool; no VIP is a host's address; backends are where
// their encapsulation reaches.
void CheckAddresses(std::span<const PortDraft> ports, std::span<const PoolDraft> pools);

// The first two of these. `taken` holds the hosts' addresses, each with words for a diagnostic;
// the backends' come on top.
void CheckVips(std::map<IpAddress, std::string> taken, std::span<const PoolDraft> pools);

}  // namespace joinery::settings
