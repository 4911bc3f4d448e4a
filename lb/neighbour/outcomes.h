// What became of a frame that was not for a service: one list feeds the enum, the counters and
// their names.
#pragma once

#include "base/named_list.h"

namespace joinery::neighbour {

// (constant, name, text)
#define JOINERY_LOCAL_OUTCOMES(X)                                                               \
  X(kAnsweredArp, "answered_arp", "an ARP request for one of our addresses: answered")          \
  X(kAnsweredNdp, "answered_ndp", "a neighbour solicitation for one of them: answered")         \
  X(kAnsweredEcho, "answered_echo", "an ICMP echo request to one of them: answered")            \
  X(kHeard, "heard", "an ARP or neighbour message that was news about a sender")                \
  X(kMalformed, "malformed", "an ARP, neighbour or echo message that is broken or not allowed") \
  X(kConflict, "conflict", "somebody else claims one of our addresses")                         \
  X(kEchoRate, "echo_rate", "an echo request above the rate that is answered")                  \
  X(kNoBuffer, "no_buffer", "the answer does not fit its buffer")                               \
  X(kIgnored, "ignored", "nothing that the balancer itself takes part in")

JOINERY_NAMED_LIST(Outcome, JOINERY_LOCAL_OUTCOMES);

}  // namespace joinery::neighbour
