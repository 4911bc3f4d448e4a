// What became of a frame that was not for a service: one list feeds the enum, the counters and
// their names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

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

enum class Outcome : uint8_t {
#define JOINERY_ENUM(constant, name, text) constant,
  JOINERY_LOCAL_OUTCOMES(JOINERY_ENUM)
#undef JOINERY_ENUM
};

inline constexpr std::array kOutcomeNames = {
#define JOINERY_NAME(constant, name, text) std::string_view(name),
    JOINERY_LOCAL_OUTCOMES(JOINERY_NAME)
#undef JOINERY_NAME
};
inline constexpr size_t kOutcomeCount = kOutcomeNames.size();

[[nodiscard]] constexpr std::string_view Name(Outcome outcome) noexcept {
  return kOutcomeNames[static_cast<size_t>(outcome)];
}

}  // namespace joinery::neighbour
