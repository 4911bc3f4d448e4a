// Builds frames for tests: Ethernet, IPv4 or IPv6, TCP, UDP or ICMP, with options and right
// checksums. A row says only what matters to it:
//   const auto frame = BuildTcp({.flags = kSyn, .options = MpJoinSynOption(Token(7))});
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/ip_address.h"
#include "base/mac_address.h"
#include "wire/tcp.h"

namespace joinery::wire::testing {

using Bytes = std::vector<uint8_t>;

// The address of a text that is one; aborts otherwise.
[[nodiscard]] IpAddress Ip(std::string_view text);
// The bytes of hexadecimal text, blanks ignored; aborts when it is none.
[[nodiscard]] Bytes FromHexText(std::string_view text);
// One after the other.
[[nodiscard]] Bytes Join(std::initializer_list<Bytes> parts);

struct LinkSpec {
  MacAddress source{{0x02, 0, 0, 0, 0, 0x01}};
  MacAddress destination{{0x02, 0, 0, 0, 0, 0x02}};
  std::vector<uint16_t> vlan_ids = {};  // 802.1Q tags, outermost first
};

struct IpSpec {
  LinkSpec link = {};
  std::string source = "198.18.0.1";  // both of one family, which is the packet's
  std::string destination = "198.18.0.2";
  uint8_t ttl = 64;
  Bytes ip_options = {};        // IPv4; a multiple of 4
  Bytes extensions = {};        // IPv6: the extension headers' bytes
  uint8_t first_extension = 0;  // IPv6: the kind of the first of them
  uint16_t fragment = 0;        // IPv4: MF (0x2000) and the offset in units of 8
};

struct TcpSpec {
  IpSpec ip = {};
  uint16_t source_port = 40000;
  uint16_t destination_port = 80;
  uint32_t sequence = 1;
  uint32_t acknowledgment = 0;
  uint8_t flags = kAck;
  Bytes options = {};  // padded to a multiple of 4 with end-of-list bytes
  Bytes payload = {};
};

struct UdpSpec {
  IpSpec ip = {};
  uint16_t source_port = 40000;
  uint16_t destination_port = 53;
  Bytes payload = {};
};

[[nodiscard]] Bytes BuildTcp(const TcpSpec& spec);
[[nodiscard]] Bytes BuildUdp(const UdpSpec& spec);
// `message` is the whole ICMP message (v4 or v6, as the addresses are); its checksum is filled in.
[[nodiscard]] Bytes BuildIcmp(const IpSpec& ip, Bytes message);
// Any other payload above IP.
[[nodiscard]] Bytes BuildIp(const IpSpec& ip, uint8_t protocol, const Bytes& payload);
// Any other payload above Ethernet.
[[nodiscard]] Bytes BuildEthernet(const LinkSpec& link, uint16_t ethertype, const Bytes& payload);

// Options, as their bytes. Flags and forms: docs/protocol.md section 1.
[[nodiscard]] Bytes TimestampsOption(uint32_t value, uint32_t echo_reply);
[[nodiscard]] Bytes MpJoinSynOption(Token receiver_token, uint32_t sender_random = 0x01020304);
[[nodiscard]] Bytes MpCapableSynOption(uint8_t flags = 0x01);
[[nodiscard]] Bytes MpCapableKeysOption(uint64_t sender_key, uint64_t receiver_key);
// With the data-level length that the first data packet carries.
[[nodiscard]] Bytes MpCapableKeysDataOption(uint64_t sender_key, uint64_t receiver_key,
                                            uint16_t data_level_length);
[[nodiscard]] Bytes MpCapableTokensOption(Token sender_token, Token receiver_token,
                                          uint8_t flags = 0x03);
[[nodiscard]] Bytes MpFastcloseOption(uint64_t receiver_key);

}  // namespace joinery::wire::testing
