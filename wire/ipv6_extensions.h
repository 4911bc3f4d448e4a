// The walk over IPv6 extension headers (RFC 8200 section 4; authentication header: RFC 4302
// section 2). Bounded: at most kMaxIpv6Extensions headers, since each one is a step an attacker
// gets for 8 bytes. Never allocates, never reads past the packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/expected.h"
#include "wire/parse_error.h"

namespace joinery::wire {

// RFC 8200 section 4.1 lists at most 7 in a packet; one to spare.
inline constexpr size_t kMaxIpv6Extensions = 8;

// Headers that the walk passes over.
[[nodiscard]] constexpr bool IsIpv6Extension(uint8_t header) noexcept {
  switch (header) {
    case 0:    // hop-by-hop options
    case 43:   // routing
    case 44:   // fragment
    case 51:   // authentication
    case 60:   // destination options
    case 135:  // mobility (RFC 6275 section 6.1)
      return true;
    default:
      return false;
  }
}

struct Ipv6Upper {
  uint8_t protocol = 0;   // the first header that is no extension; 59 is "no next header"
  size_t offset = 0;      // of it, from the start of the span given
  bool fragment = false;  // a part of a packet: the walk stops behind the fragment header
};

// `payload` is what follows the fixed header, `next_header` the fixed header's field. An atomic
// fragment (offset 0, nothing more to come: RFC 6946) is a whole packet. ESP ends the walk: what it
// hides is another protocol to us.
[[nodiscard]] Expected<Ipv6Upper, ParseError> WalkIpv6Extensions(
    uint8_t next_header, std::span<const uint8_t> payload) noexcept;

}  // namespace joinery::wire
