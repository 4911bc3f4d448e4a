// "Your packet is too big": what a sender needs to hear to find the MTU of a path (RFC 1191, RFC
// 8201) when its packet and an outer header do not fit together on the way to a backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/mac_address.h"

namespace joinery::forward {

// Answers sent, a second, for each lcore (docs/protocol.md section 9: icmp_reply_rate).
inline constexpr uint32_t kTooBigPerSecond = 1000;
// The longest answer: RFC 4443 section 2.4 (c) lets none be longer than IPv6's smallest MTU.
inline constexpr size_t kMaxTooBig = 14 + 1280;

// Writes the answer to `frame`, which was dropped with DropReason::kOverMtu, and returns its
// length: "fragmentation needed" (IPv4, 576 bytes at most: RFC 1812 section 4.3.2.3) or "packet too
// big" (IPv6), with the MTU in bytes that the sender may use, from the address that the packet was
// sent to. 0: there is none, for it is an ICMP error itself (RFC 1122 section 3.2.2), its sender is
// no single host, or IPv4's DF is not set: a sender that allows fragments asks for no MTU.
[[nodiscard]] size_t WriteTooBig(std::span<const uint8_t> frame, uint16_t mtu,
                                 const MacAddress& own, std::span<uint8_t> out) noexcept;

}  // namespace joinery::forward
