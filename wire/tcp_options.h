// What a balancer wants to know of a segment's options, collected in the one walk
// (TcpOptionCursor), as Linux's own parser would read them (Debian 6.1.192: mptcp_parse_option in
// net/mptcp/options.c, tcp_parse_options in net/ipv4/tcp_input.c). The first malformed option ends
// the walk, options before it count. An MPTCP option that may not stand beside one already read is
// ignored, so of MP_CAPABLE and MP_JOIN the first wins. Of timestamps the last wins.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/ids.h"
#include "wire/packet_view.h"
#include "wire/tcp_option.h"

namespace joinery::wire {

// RFC 7323 section 3.2; host order.
struct Timestamps {
  uint32_t value = 0;       // TSval
  uint32_t echo_reply = 0;  // TSecr

  friend bool operator==(const Timestamps&, const Timestamps&) noexcept = default;
};

// Of the kind, and of the only length that it can have. The values stand behind kind and length.
[[nodiscard]] inline bool IsTimestamps(const TcpOption& option) noexcept {
  constexpr size_t kLength = 10;
  return option.kind == kOptionTimestamps && option.bytes.size() == kLength;
}

// Which of the forms in docs/protocol.md section 1 an MP_CAPABLE has, seen from the balancer.
enum class MpCapableForm : uint8_t {
  kNone,
  kOpening,        // any form in a SYN without ACK
  kKeys,           // third ACK with both keys: 20, or with first data 22 or 24
  kExplicitToken,  // third ACK with both tokens: 12, or with first data 14 or 16
};

struct TcpOptions {
  std::optional<Timestamps> timestamps;
  std::optional<Token> join_token;  // a SYN's MP_JOIN of length 12: the receiver's token
  MpCapableForm mp_capable = MpCapableForm::kNone;
  uint8_t mp_version = 0;     // of MP_CAPABLE: 0 or 1 (a SYN's later version counts as 1)
  Token receiver_token;       // kExplicitToken: token B
  uint64_t receiver_key = 0;  // kKeys: key B (host order of the 8 bytes read big endian)
  std::optional<uint64_t> fastclose_key;  // MP_FASTCLOSE of length 12: the receiver's key
  bool ambiguous = false;  // an MPTCP option repeated, or beside one it may not stand beside
  bool bad_mptcp = false;  // an MPTCP option of wrong length, version or flags was ignored
  bool malformed = false;  // the walk ended at a bad option
};

// `packet` is a TCP packet that ParseFrame accepted.
[[nodiscard]] TcpOptions ScanTcpOptions(const PacketView& packet) noexcept;

}  // namespace joinery::wire
