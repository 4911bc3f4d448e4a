// The check `mptcp`: a SYN with MP_CAPABLE (RFC 8684 section 3.1), as a client's first packet is,
// and what the SYN/ACK says about the server. Bytes in, bytes out; who sends them is another
// matter. The connection is never completed: the host that gets the SYN/ACK knows no socket for it,
// and its RST frees the server's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::health {

struct SynProbe {
  IpAddress source;
  IpAddress vip;  // of the same family
  Port source_port;
  Port vip_port;
  uint32_t sequence_number = 0;
};

// The whole IP packet.
[[nodiscard]] std::vector<uint8_t> BuildSyn(const SynProbe& probe);

enum class SynAnswer : uint8_t {
  kMptcp,     // a SYN/ACK with MP_CAPABLE
  kPlainTcp,  // a SYN/ACK without
  kReset,     // nothing listens
};

struct ReadAnswer {
  SynAnswer answer = SynAnswer::kReset;
  Token token{};           // kMptcp: the server's, given or derived from its key
  bool deny_join = false;  // kMptcp: flag C, "no joins to this address": its tokens name nobody
};

// `segment` is a TCP segment from `source` to `destination`. Nothing when it does not answer this
// probe, or is no TCP.
[[nodiscard]] std::optional<ReadAnswer> ReadSynAnswer(const SynProbe& probe,
                                                      const IpAddress& source,
                                                      const IpAddress& destination,
                                                      std::span<const uint8_t> segment);

}  // namespace joinery::health
