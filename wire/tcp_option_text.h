// TCP options as text, in packetdrill's notation (multipath-tcp/packetdrill for MPTCP): the one
// printer for logs, traces, tests and tools. Not for the packet path.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "wire/mptcp.h"
#include "wire/tcp_option.h"

namespace joinery::wire {

// "mss 1460", "mp_join_syn backup=0 address_id=1 token=7 rand=9"; what is no option of its kind is
// "kind 30 [wrong_length at 1: ...] 1e03f0".
[[nodiscard]] std::string ToString(const TcpOption& option, SegmentRole role);

// The whole list with its no-operations: "<nop,nop,TS val 7 ecr 9>". A list that ends early says
// how: "<mss 1460,eol>", "<nop,[option_past_end at 1: ...]>". Empty for an empty list.
[[nodiscard]] std::string OptionsToString(std::span<const uint8_t> list, SegmentRole role);

}  // namespace joinery::wire
