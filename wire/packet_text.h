// A whole packet in one line, in packetdrill's notation: the one printer for logs, traces, explain,
// tests and tools. Not for the packet path.
#pragma once

#include <string>

#include "wire/packet_view.h"

namespace joinery::wire {

// "198.18.0.1:40000 > 198.18.0.2:80 S 1:1(0) win 65535 <mpcapable v1 flags[flag_h] nokey>"
// "[2001:db8::1]:40000 > [2001:db8::2]:53 udp (12)"
// "198.18.0.9 > 198.18.0.2 icmpv4 type 3 code 4 mtu 1400 [198.18.0.2:80 > 198.18.0.1:40000 tcp]"
// VLAN tags come first: "vlan 7: ...".
[[nodiscard]] std::string ToString(const PacketView& packet);

}  // namespace joinery::wire
