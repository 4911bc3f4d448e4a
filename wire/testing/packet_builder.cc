#include "wire/testing/packet_builder.h"

#include <algorithm>
#include <cstdlib>

#include "base/hex.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/mp_capable.h"
#include "wire/udp.h"

namespace joinery::wire::testing {
namespace {

constexpr size_t kIcmpChecksum = 2;

void Append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

Bytes Be32(uint32_t value) {
  Bytes bytes(4);
  StoreBe32(bytes.data(), value);
  return bytes;
}

Bytes Be64(uint64_t value) {
  Bytes bytes(8);
  StoreBe64(bytes.data(), value);
  return bytes;
}

void FillChecksum(const IpSpec& ip, uint8_t protocol, Bytes& segment, size_t at) {
  StoreBe16(&segment[at], TransportChecksum(Ip(ip.source), Ip(ip.destination), protocol, segment));
}

Bytes BuildIpv4(const IpSpec& ip, uint8_t protocol, const Bytes& payload) {
  Ipv4Fields fields{
      .identification = 1,
      .flags = static_cast<uint8_t>(ip.fragment == 0 ? Ipv4View::kDontFragment : ip.fragment >> 13),
      .fragment_offset = static_cast<uint16_t>(ip.fragment & 0x1fff),
      .time_to_live = ip.ttl,
      .protocol = protocol,
      .source = Ip(ip.source),
      .destination = Ip(ip.destination),
      .options = ip.ip_options};
  Bytes packet(Ipv4View::EncodedLength(fields));
  fields.total_length = static_cast<uint16_t>(packet.size() + payload.size());
  Ipv4View::Emit(fields, packet);
  StoreBe16(&packet[Ipv4View::kHeaderChecksum], InternetChecksum(packet));
  Append(packet, payload);
  return packet;
}

Bytes BuildIpv6(const IpSpec& ip, uint8_t protocol, const Bytes& payload) {
  Bytes packet(Ipv6View::kLength);
  Ipv6View::Emit({.payload_length = static_cast<uint16_t>(ip.extensions.size() + payload.size()),
                  .next_header = ip.extensions.empty() ? protocol : ip.first_extension,
                  .hop_limit = ip.ttl,
                  .source = Ip(ip.source),
                  .destination = Ip(ip.destination)},
                 std::span(packet).first<Ipv6View::kLength>());
  Append(packet, ip.extensions);
  Append(packet, payload);
  return packet;
}

}  // namespace

IpAddress Ip(std::string_view text) {
  const auto address = IpAddress::Parse(text);
  if (!address) std::abort();
  return *address;
}

Bytes FromHexText(std::string_view text) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return c == ' ' || c == '\n'; });
  auto bytes = FromHex(digits);
  if (!bytes) std::abort();
  return *std::move(bytes);
}

Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) Append(all, part);
  return all;
}

Bytes BuildEthernet(const LinkSpec& link, uint16_t ethertype, const Bytes& payload) {
  EthernetFields fields{
      .destination = link.destination, .source = link.source, .ethertype = ethertype};
  for (const uint16_t id : link.vlan_ids) fields.tags.at(fields.tag_count++).tci = id;
  Bytes frame(EthernetView::EncodedLength(fields));
  EthernetView::Emit(fields, frame);
  Append(frame, payload);
  return frame;
}

Bytes BuildIp(const IpSpec& ip, uint8_t protocol, const Bytes& payload) {
  if (Ip(ip.source).is_v4()) {
    return BuildEthernet(ip.link, kEtherTypeIpv4, BuildIpv4(ip, protocol, payload));
  }
  return BuildEthernet(ip.link, kEtherTypeIpv6, BuildIpv6(ip, protocol, payload));
}

Bytes BuildTcp(const TcpSpec& spec) {
  Bytes options = spec.options;
  options.resize((options.size() + 3) / 4 * 4);
  const TcpFields fields{.source_port = Port(spec.source_port),
                         .destination_port = Port(spec.destination_port),
                         .sequence_number = SeqNumber(spec.sequence),
                         .acknowledgment_number = SeqNumber(spec.acknowledgment),
                         .flags = spec.flags,
                         .window = 65535,
                         .options = options};
  Bytes segment(TcpView::EncodedLength(fields));
  TcpView::Emit(fields, segment);
  Append(segment, spec.payload);
  FillChecksum(spec.ip, kProtocolTcp, segment, TcpView::kChecksum);
  return BuildIp(spec.ip, kProtocolTcp, segment);
}

Bytes BuildUdp(const UdpSpec& spec) {
  Bytes datagram(UdpView::kLength);
  UdpView::Emit({.source_port = Port(spec.source_port),
                 .destination_port = Port(spec.destination_port),
                 .length = static_cast<uint16_t>(UdpView::kLength + spec.payload.size())},
                std::span(datagram).first<UdpView::kLength>());
  Append(datagram, spec.payload);
  FillChecksum(spec.ip, kProtocolUdp, datagram, UdpView::kChecksum);
  // A computed 0 is sent as all ones: 0 says that there is no checksum (RFC 768).
  if (LoadBe16(&datagram[UdpView::kChecksum]) == 0) {
    StoreBe16(&datagram[UdpView::kChecksum], 0xffff);
  }
  return BuildIp(spec.ip, kProtocolUdp, datagram);
}

Bytes BuildIcmp(const IpSpec& ip, Bytes message) {
  StoreBe16(&message[kIcmpChecksum], 0);
  if (Ip(ip.source).is_v4()) {
    StoreBe16(&message[kIcmpChecksum], InternetChecksum(message));
    return BuildIp(ip, kProtocolIcmp, message);
  }
  FillChecksum(ip, kProtocolIcmpv6, message, kIcmpChecksum);
  return BuildIp(ip, kProtocolIcmpv6, message);
}

Bytes TimestampsOption(uint32_t value, uint32_t echo_reply) {
  return Join({{8, 10}, Be32(value), Be32(echo_reply)});
}

Bytes MpJoinSynOption(Token receiver_token, uint32_t sender_random) {
  constexpr uint8_t kAddressId = 1;
  return Join({{30, 12, 0x10, kAddressId}, Be32(receiver_token.value()), Be32(sender_random)});
}

Bytes MpCapableSynOption(uint8_t flags) { return {30, 4, 0x01, flags}; }

Bytes MpCapableKeysOption(uint64_t sender_key, uint64_t receiver_key) {
  return Join({{30, 20, 0x01, kMpcHmac}, Be64(sender_key), Be64(receiver_key)});
}

Bytes MpCapableKeysDataOption(uint64_t sender_key, uint64_t receiver_key,
                              uint16_t data_level_length) {
  Bytes option = MpCapableKeysOption(sender_key, receiver_key);
  option.resize(22);
  option[1] = 22;
  StoreBe16(&option[20], data_level_length);
  return option;
}

Bytes MpCapableTokensOption(Token sender_token, Token receiver_token, uint8_t flags) {
  return Join({{30, 12, 0x01, flags}, Be32(sender_token.value()), Be32(receiver_token.value())});
}

Bytes MpFastcloseOption(uint64_t receiver_key) {
  return Join({{30, 12, 0x70, 0}, Be64(receiver_key)});
}

}  // namespace joinery::wire::testing
