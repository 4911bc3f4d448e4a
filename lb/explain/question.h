// What somebody asks about: a packet by its hexadecimal bytes, or one that is made up from a
// 5-tuple. The parameters of `GET /v1/explain` (docs/api.md):
//
//   frame=HEX                        an Ethernet frame, as `tcpdump -xx` shows it
//   packet=HEX                       an IP packet, as `tcpdump -x` shows it
//   source=A:PORT destination=A:PORT of a packet that is made up, with
//   protocol=tcp|udp                 (tcp)
//   kind=syn|join|ack                of TCP: a plain SYN (the default), one with MP_JOIN and
//   token=NUMBER                     this token (0x708ffcbc, or decimal), or an ACK without options
//
// Pure. Addresses on the link are made up: no decision looks at them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"

namespace joinery::explain {

using Parameter = std::pair<std::string, std::string>;

// Bytes of a question's frame: the longest IP packet, with room for Ethernet and VLAN tags.
inline constexpr size_t kMaxFrameBytes = 65535 + 22;

// The Ethernet frame that is asked about; an error names the parameter, its value and what is
// allowed. Blanks and line ends between hexadecimal digits are passed over.
[[nodiscard]] Expected<std::vector<uint8_t>> FrameOf(std::span<const Parameter> parameters);

}  // namespace joinery::explain
