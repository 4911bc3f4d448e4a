// Neighbour solicitations and advertisements (RFC 4861 sections 4.3, 4.4; options: 4.6.1). Network
// order on the wire. Parse makes the checks of sections 7.1.1 and 7.1.2 on the message itself; the
// hop limit of 255 and the checksum belong to the packet around it: NdpPacketIsValid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/expected.h"
#include "base/ip_address.h"
#include "base/mac_address.h"
#include "wire/packet_view.h"
#include "wire/parse_error.h"

namespace joinery::wire {

inline constexpr uint8_t kNeighbourSolicitation = 135;
inline constexpr uint8_t kNeighbourAdvertisement = 136;
inline constexpr size_t kMaxNdpOptions = 16;  // more is an error: kBadNdp

struct NdpFields {
  uint8_t type = kNeighbourSolicitation;
  bool router = false;      // advertisements only
  bool solicited = false;   // advertisements only
  bool overriding = false;  // the O flag; advertisements only
  IpAddress target = {};    // IPv6
  // The source link-layer address of a solicitation, the target's of an advertisement.
  std::optional<MacAddress> link_layer_address = {};

  friend bool operator==(const NdpFields&, const NdpFields&) noexcept = default;
};

// After Parse every accessor is total. The view borrows: it dies with the packet.
class NdpView {
 public:
  static constexpr size_t kChecksum = 2;
  static constexpr size_t kFlags = 4;
  static constexpr size_t kTarget = 8;
  static constexpr size_t kMinLength = 24;
  static constexpr size_t kOptionLength = 8;  // of the one that carries an Ethernet address

  // `message` is the whole ICMPv6 message of type 135 or 136.
  [[nodiscard]] static Expected<NdpView, ParseError> Parse(
      std::span<const uint8_t> message) noexcept;

  [[nodiscard]] uint8_t type() const noexcept { return bytes_[0]; }
  [[nodiscard]] bool router() const noexcept { return Flag(0x80); }
  [[nodiscard]] bool solicited() const noexcept { return Flag(0x40); }
  [[nodiscard]] bool overriding() const noexcept { return Flag(0x20); }
  [[nodiscard]] IpAddress target() const noexcept {
    return IpAddress::V6(bytes_.subspan<kTarget, 16>());
  }
  [[nodiscard]] std::optional<MacAddress> link_layer_address() const noexcept {
    return link_layer_address_;
  }

  [[nodiscard]] NdpFields fields() const noexcept;
  [[nodiscard]] static size_t EncodedLength(const NdpFields& fields) noexcept {
    return kMinLength + (fields.link_layer_address ? kOptionLength : 0);
  }
  // `out` is exactly EncodedLength(fields) bytes; all are written, the checksum as zero: it needs
  // the addresses of the packet (TransportChecksum with protocol 58).
  static void Emit(const NdpFields& fields, std::span<uint8_t> out) noexcept;

 private:
  explicit NdpView(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}

  bool Flag(uint8_t bit) const noexcept {
    return type() == kNeighbourAdvertisement && (bytes_[kFlags] & bit) != 0;
  }

  std::span<const uint8_t> bytes_;
  std::optional<MacAddress> link_layer_address_;
};

// The checks of RFC 4861 sections 7.1.1 and 7.1.2 that NdpView::Parse cannot make: hop limit 255
// (so no router has forwarded it) and a right checksum. `packet` is of kind kIcmp over IPv6.
[[nodiscard]] bool NdpPacketIsValid(const PacketView& packet) noexcept;

// FF02::1:FFXX:XXXX, where a solicitation for `target` goes (RFC 4291 section 2.7.1).
[[nodiscard]] IpAddress SolicitedNodeMulticast(const IpAddress& target) noexcept;
// The Ethernet address of an IPv6 multicast address (RFC 2464 section 7).
[[nodiscard]] MacAddress MulticastMac(const IpAddress& group) noexcept;

// "neighbor solicitation who-has 2001:db8::1 (02:00:00:00:00:01)",
// "neighbor advertisement 2001:db8::1 is-at 02:00:00:00:00:01 flags [RSO]"
[[nodiscard]] std::string ToString(const NdpView& ndp);

}  // namespace joinery::wire
