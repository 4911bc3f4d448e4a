#include "wire/arp.h"

#include <fmt/format.h>

namespace joinery::wire {

std::string ToString(const ArpView& arp) {
  const std::string sender = ToString(arp.sender_protocol());
  const std::string mac = ToString(arp.sender_hardware());
  switch (arp.operation()) {
    case kArpRequest:
      return fmt::format("arp who-has {} tell {} ({})", ToString(arp.target_protocol()), sender,
                         mac);
    case kArpReply:
      return fmt::format("arp {} is-at {}", sender, mac);
    default:
      return fmt::format("arp operation {} from {} ({})", arp.operation(), sender, mac);
  }
}

}  // namespace joinery::wire
