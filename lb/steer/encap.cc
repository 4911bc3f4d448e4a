#include "lb/steer/encap.h"

#include <algorithm>

#include "wire/checksum.h"

namespace joinery::steer {

Tunnel MakeTunnel(settings::Encap encap, const IpAddress& source,
                  const IpAddress& destination) noexcept {
  Tunnel tunnel;
  if (encap == settings::Encap::kL2) return tunnel;
  const auto behind = std::ranges::copy(source.bytes(), tunnel.addresses.begin()).out;
  std::ranges::copy(destination.bytes(), behind);
  tunnel.addresses_sum = wire::OnesComplementSum(tunnel.addresses);
  tunnel.overhead = static_cast<uint8_t>(EncapOverhead(encap, destination.family()));
  tunnel.outer_is_v4 = destination.is_v4();
  tunnel.gue = encap == settings::Encap::kGue;
  return tunnel;
}

}  // namespace joinery::steer
