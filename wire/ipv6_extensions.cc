#include "wire/ipv6_extensions.h"

#include "base/big_endian.h"

namespace joinery::wire {
namespace {

constexpr uint8_t kFragment = 44;
constexpr uint8_t kAuthentication = 51;

// `bytes` has at least 2.
size_t HeaderLength(uint8_t header, const uint8_t* bytes) noexcept {
  if (header == kFragment) return 8;
  if (header == kAuthentication) return (size_t{bytes[1]} + 2) * 4;  // RFC 4302 section 2.2
  return (size_t{bytes[1]} + 1) * 8;
}

}  // namespace

Expected<Ipv6Upper, ParseError> WalkIpv6Extensions(uint8_t next_header,
                                                   std::span<const uint8_t> payload) noexcept {
  size_t at = 0;
  for (size_t seen = 0; IsIpv6Extension(next_header); ++seen) {
    if (seen == kMaxIpv6Extensions) {
      return unexpected(ParseError{ParseReason::kIpv6ExtensionLimit, static_cast<uint16_t>(at)});
    }
    if (payload.size() - at < 2 || payload.size() - at < HeaderLength(next_header, &payload[at])) {
      return unexpected(ParseError{ParseReason::kTruncated, static_cast<uint16_t>(at)});
    }
    const uint8_t* header = &payload[at];
    at += HeaderLength(next_header, header);
    const bool fragment = next_header == kFragment && (LoadBe16(header + 2) & 0xfff9) != 0;
    next_header = header[0];
    if (fragment) return Ipv6Upper{.protocol = next_header, .offset = at, .fragment = true};
  }
  return Ipv6Upper{.protocol = next_header, .offset = at};
}

}  // namespace joinery::wire
