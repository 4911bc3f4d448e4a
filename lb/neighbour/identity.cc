#include "lb/neighbour/identity.h"

#include <algorithm>

namespace joinery::neighbour {

Identity::Identity(const MacAddress& mac, std::vector<IpPrefix> addresses)
    : mac_(mac), own_(std::move(addresses)) {}

void Identity::SetVirtual(std::span<const IpAddress> addresses) {
  virtual_.clear();
  on_link_.clear();
  for (const IpAddress& address : addresses) {
    virtual_.insert(address);
    const auto contains = [&](const IpPrefix& own) { return own.Contains(address); };
    if (std::ranges::any_of(own_, contains)) on_link_.insert(address);
  }
}

bool Identity::IsOwn(const IpAddress& address) const noexcept {
  return std::ranges::find(own_, address, &IpPrefix::address) != own_.end();
}

bool Identity::Resolves(const IpAddress& address) const noexcept {
  return IsOwn(address) || on_link_.contains(address);
}

bool Identity::Echoes(const IpAddress& address) const noexcept {
  return IsOwn(address) || virtual_.contains(address);
}

std::optional<IpAddress> Identity::SourceFor(const IpAddress& target) const noexcept {
  for (const IpPrefix& own : own_) {
    if (own.Contains(target)) return own.address;
  }
  for (const IpPrefix& own : own_) {
    if (own.address.family() == target.family()) return own.address;
  }
  return std::nullopt;
}

}  // namespace joinery::neighbour
