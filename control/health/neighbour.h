// The link address of a host on one of this machine's networks, from the kernel's neighbour table
// (ARP, RFC 826; neighbour discovery, RFC 4861).
#pragma once

#include <optional>

#include "base/ip_address.h"
#include "base/mac_address.h"

namespace joinery::health {

struct Neighbour {
  int interface = 0;  // index
  MacAddress mac;
};

// Nothing while the kernel does not know it.
[[nodiscard]] std::optional<Neighbour> FindNeighbour(const IpAddress& address);

// Makes the kernel ask for it, by an empty datagram to the discard port (RFC 863).
void AskForNeighbour(const IpAddress& address);

}  // namespace joinery::health
