// Who the balancer is on one port: its link address, its own IP addresses, and the virtual ones
// that lie on its subnets. It answers ARP and neighbour solicitations for exactly these.
#pragma once

#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "base/ip_address.h"
#include "base/mac_address.h"

namespace joinery::neighbour {

class Identity {
 public:
  Identity(const MacAddress& mac, std::vector<IpPrefix> addresses);

  // The virtual addresses of the current configuration; keeps those on this port's subnets for ARP
  // and neighbour discovery, and all for echo: they are routed to us.
  void SetVirtual(std::span<const IpAddress> addresses);

  [[nodiscard]] const MacAddress& mac() const noexcept { return mac_; }
  [[nodiscard]] bool IsOwn(const IpAddress& address) const noexcept;
  // ARP and neighbour discovery.
  [[nodiscard]] bool Resolves(const IpAddress& address) const noexcept;
  // ICMP echo.
  [[nodiscard]] bool Echoes(const IpAddress& address) const noexcept;
  // The own address from which to ask `target`: on its subnet, else any of its family.
  [[nodiscard]] std::optional<IpAddress> SourceFor(const IpAddress& target) const noexcept;

 private:
  MacAddress mac_;
  std::vector<IpPrefix> own_;
  std::unordered_set<IpAddress> on_link_;
  std::unordered_set<IpAddress> virtual_;
};

}  // namespace joinery::neighbour
