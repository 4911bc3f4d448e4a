#include "lb/explain/question.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/big_endian.h"
#include "base/endpoint.h"
#include "base/hex.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/mp_join.h"
#include "wire/tcp.h"
#include "wire/udp.h"

namespace joinery::explain {
namespace {

using Bytes = std::vector<uint8_t>;
using Parameters = std::span<const Parameter>;

constexpr std::string_view kNames[] = {"frame",    "packet", "source", "destination",
                                       "protocol", "kind",   "token"};
constexpr size_t kShownBytes = 64;  // of a wrong value

const std::string* Find(Parameters parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::first);
  return found == parameters.end() ? nullptr : &found->second;
}

tl::unexpected<Error> Refuse(std::string_view name, std::string_view value,
                             std::string_view allowed) {
  std::string shown(value.substr(0, kShownBytes));
  std::ranges::replace_if(
      shown, [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
  return Fail(fmt::format("{}: \"{}\"; expected {}", name, shown, allowed));
}

std::optional<Token> ParseToken(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, hex ? 16 : 10);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return Token(number);
}

Bytes OnEthernet(bool v4, const Bytes& packet) {
  const wire::EthernetFields fields{.ethertype = v4 ? wire::kEtherTypeIpv4 : wire::kEtherTypeIpv6};
  Bytes frame(wire::EthernetView::EncodedLength(fields));
  wire::EthernetView::Emit(fields, frame);
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

Expected<Bytes> FromHexParameter(std::string_view name, const std::string& value) {
  std::string digits = value;
  std::erase_if(digits, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  const auto bytes = FromHex(digits);
  if (!bytes || bytes->empty() || bytes->size() > kMaxFrameBytes) {
    return Refuse(name, value, fmt::format("1..{} bytes in hexadecimal digits", kMaxFrameBytes));
  }
  if (name == "frame") return *bytes;
  const int version = bytes->front() >> 4;
  if (version != 4 && version != 6) return Refuse(name, value, "an IPv4 or IPv6 packet");
  return OnEthernet(version == 4, *bytes);
}

// What is made up of a 5-tuple.
struct Flow {
  Endpoint source;
  Endpoint destination;
  uint8_t protocol = wire::kProtocolTcp;
  std::string kind = "syn";
  std::optional<Token> token;
};

Bytes TcpSegment(const Flow& flow) {
  std::array<uint8_t, wire::MpJoinSyn::kLength> join{};
  if (flow.token) wire::MpJoinSyn::Emit({.receiver_token = *flow.token}, join);
  const bool ack = flow.kind == "ack";
  const wire::TcpFields fields{
      .source_port = flow.source.port,
      .destination_port = flow.destination.port,
      .sequence_number = SeqNumber(1),
      .acknowledgment_number = SeqNumber(ack ? 1 : 0),
      .flags = ack ? wire::kAck : wire::kSyn,
      .window = 65535,
      .options = flow.token ? std::span<const uint8_t>(join) : std::span<const uint8_t>()};
  Bytes segment(wire::TcpView::EncodedLength(fields));
  wire::TcpView::Emit(fields, segment);
  StoreBe16(&segment[wire::TcpView::kChecksum],
            wire::TransportChecksum(flow.source.address, flow.destination.address, flow.protocol,
                                    segment));
  return segment;
}

Bytes UdpDatagram(const Flow& flow) {
  Bytes datagram(wire::UdpView::kLength);
  wire::UdpView::Emit({.source_port = flow.source.port,
                       .destination_port = flow.destination.port,
                       .length = wire::UdpView::kLength},
                      std::span(datagram).first<wire::UdpView::kLength>());
  return datagram;
}

Bytes MakeUp(const Flow& flow) {
  const Bytes payload = flow.protocol == wire::kProtocolTcp ? TcpSegment(flow) : UdpDatagram(flow);
  Bytes packet;
  const bool v4 = flow.source.address.is_v4();
  if (v4) {
    packet.resize(wire::Ipv4View::kMinLength);
    wire::Ipv4View::Emit({.total_length = static_cast<uint16_t>(packet.size() + payload.size()),
                          .flags = wire::Ipv4View::kDontFragment,
                          .protocol = flow.protocol,
                          .source = flow.source.address,
                          .destination = flow.destination.address},
                         packet);
    StoreBe16(&packet[wire::Ipv4View::kHeaderChecksum], wire::InternetChecksum(packet));
  } else {
    packet.resize(wire::Ipv6View::kLength);
    wire::Ipv6View::Emit({.payload_length = static_cast<uint16_t>(payload.size()),
                          .next_header = flow.protocol,
                          .source = flow.source.address,
                          .destination = flow.destination.address},
                         std::span(packet).first<wire::Ipv6View::kLength>());
  }
  packet.insert(packet.end(), payload.begin(), payload.end());
  return OnEthernet(v4, packet);
}

Expected<Endpoint> EndpointOf(Parameters parameters, std::string_view name) {
  const std::string* text = Find(parameters, name);
  if (text == nullptr) {
    return Fail(
        fmt::format("{}: missing; a question has frame, packet, or source and destination", name));
  }
  const auto endpoint = Endpoint::Parse(*text);
  if (!endpoint) return Refuse(name, *text, "such as 198.18.0.1:40000 or [2001:db8::1]:40000");
  return *endpoint;
}

Expected<Flow> FlowOf(Parameters parameters) {
  Flow flow;
  const auto source = EndpointOf(parameters, "source");
  if (!source) return tl::unexpected(source.error());
  const auto destination = EndpointOf(parameters, "destination");
  if (!destination) return tl::unexpected(destination.error());
  flow.source = *source;
  flow.destination = *destination;
  if (flow.source.address.is_v4() != flow.destination.address.is_v4()) {
    return Fail("source and destination: one is IPv4 and one IPv6; expected both of one family");
  }
  if (const std::string* protocol = Find(parameters, "protocol")) {
    if (*protocol != "tcp" && *protocol != "udp") {
      return Refuse("protocol", *protocol, "tcp or udp");
    }
    if (*protocol == "udp") flow.protocol = wire::kProtocolUdp;
  }
  const std::string* kind = Find(parameters, "kind");
  const std::string* token = Find(parameters, "token");
  if (kind != nullptr) flow.kind = *kind;
  if (kind == nullptr && token != nullptr) flow.kind = "join";
  if (flow.kind != "syn" && flow.kind != "join" && flow.kind != "ack") {
    return Refuse("kind", flow.kind, "syn, join or ack");
  }
  if ((flow.kind == "join") != (token != nullptr)) {
    return Fail("token: kind join has one, and no other has");
  }
  if (flow.protocol == wire::kProtocolUdp && (kind != nullptr || token != nullptr)) {
    return Fail("kind: UDP has none");
  }
  if (token != nullptr) {
    flow.token = ParseToken(*token);
    if (!flow.token) return Refuse("token", *token, "a number of 32 bits, such as 0x708ffcbc");
  }
  return flow;
}

}  // namespace

Expected<std::vector<uint8_t>> FrameOf(std::span<const Parameter> parameters) {
  for (const auto& [name, value] : parameters) {
    if (std::ranges::find(kNames, name) == std::end(kNames)) {
      return Refuse("parameter", name, fmt::format("one of {}", fmt::join(kNames, ", ")));
    }
  }
  for (const std::string_view name : {"frame", "packet"}) {
    const std::string* value = Find(parameters, name);
    if (value == nullptr) continue;
    if (parameters.size() > 1) return Fail(fmt::format("{}: says all; leave the rest out", name));
    return FromHexParameter(name, *value);
  }
  const auto flow = FlowOf(parameters);
  if (!flow) return tl::unexpected(flow.error());
  return MakeUp(*flow);
}

}  // namespace joinery::explain
