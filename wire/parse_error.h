// Why bytes are not the header they should be. The reason's name is the counter and the text.
#pragma once

#include <cstdint>
#include <string>

#include "base/named_list.h"

namespace joinery::wire {

// One list feeds the enum, the names, the drop counters and the docs: (constant, name, text).
#define JOINERY_PARSE_REASONS(X)                                                              \
  X(kTruncated, "truncated", "the header is longer than the bytes there are")                 \
  X(kBadIpVersion, "bad_ip_version", "the IP version is not the ethertype's")                 \
  X(kBadIpHeaderLength, "bad_ip_header_length", "the IPv4 header length is below 20")         \
  X(kBadIpTotalLength, "bad_ip_total_length", "the IP length is wrong for headers or frame")  \
  X(kBadTcpDataOffset, "bad_tcp_data_offset", "the TCP data offset is below 20 or too long")  \
  X(kBadUdpLength, "bad_udp_length", "the UDP length is below 8 or past the packet")          \
  X(kOptionLengthBelow2, "option_length_below_2", "a TCP option's length is below 2")         \
  X(kOptionPastEnd, "option_past_end", "a TCP option runs past the header")                   \
  X(kWrongLength, "wrong_length", "the option's length is not one its kind can have")         \
  X(kWrongSubtype, "wrong_subtype", "the MPTCP subtype is another one")                       \
  X(kBadVlanTags, "bad_vlan_tags", "there are more than two VLAN tags")                       \
  X(kIpv6ExtensionLimit, "ipv6_extension_limit", "there are too many IPv6 extension headers") \
  X(kBadMpCapableVersion, "bad_mp_capable_version", "MP_CAPABLE's version is none we know")   \
  X(kBadMpCapableFlags, "bad_mp_capable_flags", "MP_CAPABLE's flags name no algorithm")       \
  X(kBadArp, "bad_arp", "the ARP packet is not for IPv4 over Ethernet")                       \
  X(kBadNdp, "bad_ndp", "the neighbour discovery message breaks a rule of RFC 4861")          \
  X(kBadGueVariant, "bad_gue_variant", "the GUE variant is neither 0 nor 1")

JOINERY_NAMED_LIST(ParseReason, JOINERY_PARSE_REASONS);

struct ParseError {
  ParseReason reason = ParseReason::kTruncated;
  uint16_t offset = 0;  // bytes from the start of the span given to Parse

  friend bool operator==(const ParseError&, const ParseError&) noexcept = default;
};

// "bad_ip_version at 14: the IP version is not the ethertype's"
[[nodiscard]] std::string ToString(const ParseError& error);

}  // namespace joinery::wire
