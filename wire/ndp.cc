#include "wire/ndp.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "base/big_endian.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"

namespace joinery::wire {
namespace {

constexpr uint8_t kSourceLinkLayer = 1;
constexpr uint8_t kTargetLinkLayer = 2;
constexpr uint8_t kHopLimit = 255;

uint8_t LinkLayerOption(uint8_t type) noexcept {
  return type == kNeighbourSolicitation ? kSourceLinkLayer : kTargetLinkLayer;
}

tl::unexpected<ParseError> Error(ParseReason reason, size_t offset) noexcept {
  return tl::unexpected(ParseError{reason, static_cast<uint16_t>(offset)});
}

}  // namespace

Expected<NdpView, ParseError> NdpView::Parse(std::span<const uint8_t> message) noexcept {
  if (message.size() < kMinLength) return Error(ParseReason::kTruncated, message.size());
  NdpView view(message);
  if (view.type() != kNeighbourSolicitation && view.type() != kNeighbourAdvertisement) {
    return Error(ParseReason::kBadNdp, 0);
  }
  if (message[1] != 0) return Error(ParseReason::kBadNdp, 1);  // the code is 0
  if (view.target().IsMulticast()) return Error(ParseReason::kBadNdp, kTarget);
  size_t at = kMinLength;
  for (size_t seen = 0; at < message.size(); ++seen) {
    if (seen == kMaxNdpOptions) return Error(ParseReason::kBadNdp, at);
    if (message.size() - at < 2) return Error(ParseReason::kTruncated, at);
    const size_t length = size_t{message[at + 1]} * 8;
    if (length == 0) return Error(ParseReason::kBadNdp, at);  // "all included options ... > 0"
    if (length > message.size() - at) return Error(ParseReason::kTruncated, at);
    if (message[at] == LinkLayerOption(view.type()) && length == kOptionLength &&
        !view.link_layer_address_) {
      view.link_layer_address_.emplace();
      std::memcpy(view.link_layer_address_->bytes.data(), &message[at + 2], 6);
    }
    at += length;
  }
  return view;
}

NdpFields NdpView::fields() const noexcept {
  return {.type = type(),
          .router = router(),
          .solicited = solicited(),
          .overriding = overriding(),
          .target = target(),
          .link_layer_address = link_layer_address()};
}

void NdpView::Emit(const NdpFields& fields, std::span<uint8_t> out) noexcept {
  std::fill(out.begin(), out.end(), uint8_t{0});
  out[0] = fields.type;
  out[kFlags] = static_cast<uint8_t>((fields.router ? 0x80 : 0) | (fields.solicited ? 0x40 : 0) |
                                     (fields.overriding ? 0x20 : 0));
  std::memcpy(&out[kTarget], fields.target.storage().data(), 16);
  if (!fields.link_layer_address) return;
  out[kMinLength] = LinkLayerOption(fields.type);
  out[kMinLength + 1] = kOptionLength / 8;
  std::memcpy(&out[kMinLength + 2], fields.link_layer_address->bytes.data(), 6);
}

bool NdpPacketIsValid(const PacketView& packet) noexcept {
  // A right checksum makes the sum over everything, itself included, come out as zero.
  return packet.ttl == kHopLimit &&
         TransportChecksum(packet.source, packet.destination, kProtocolIcmpv6, packet.l4()) == 0;
}

IpAddress SolicitedNodeMulticast(const IpAddress& target) noexcept {
  std::array<uint8_t, 16> group = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff};
  std::memcpy(&group[13], &target.storage()[13], 3);
  return IpAddress::V6(group);
}

MacAddress MulticastMac(const IpAddress& group) noexcept {
  MacAddress mac{{0x33, 0x33}};
  std::memcpy(&mac.bytes[2], &group.storage()[12], 4);
  return mac;
}

std::string ToString(const NdpView& ndp) {
  const auto mac = ndp.link_layer_address();
  const std::string address = mac ? ToString(*mac) : "no link-layer address";
  if (ndp.type() == kNeighbourSolicitation) {
    return fmt::format("neighbor solicitation who-has {} ({})", ToString(ndp.target()), address);
  }
  return fmt::format("neighbor advertisement {} is-at {} flags [{}{}{}]", ToString(ndp.target()),
                     address, ndp.router() ? "R" : "", ndp.solicited() ? "S" : "",
                     ndp.overriding() ? "O" : "");
}

}  // namespace joinery::wire
