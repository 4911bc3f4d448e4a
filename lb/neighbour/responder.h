// Everything that the balancer says for itself: takes the frames that steering found to be for no
// service (Action::kLocal), answers ARP, neighbour discovery and echo, and feeds the neighbour
// table. Pure: frames in, frames out. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "lb/neighbour/identity.h"
#include "lb/neighbour/outcomes.h"
#include "lb/neighbour/table.h"

namespace joinery::neighbour {

class Responder {
 public:
  static constexpr uint32_t kEchoesPerSecond = 1000;  // docs/protocol.md section 9: icmp_reply_rate
  // Enough for any reply but a longer echo.
  static constexpr size_t kMinReply = 128;

  // identities[i] is who we are on port i.
  Responder(Table& table, std::vector<Identity> identities);

  // The virtual addresses of a new configuration.
  void SetVirtual(std::span<const IpAddress> addresses);

  // Writes the reply to `frame`, which came in on `port`, and returns its length; 0: none. It goes
  // out on the same port.
  [[nodiscard]] size_t Handle(uint16_t port, std::span<const uint8_t> frame, Instant now,
                              std::span<uint8_t> reply);

  // Writes the question for a neighbour that Table::Tick returned; 0: there is no address to ask
  // from, or no room.
  [[nodiscard]] size_t WriteProbe(const Probe& probe, std::span<uint8_t> out) const;

  // How many frames came to each Outcome.
  [[nodiscard]] const std::array<uint64_t, kOutcomeCount>& counts() const noexcept {
    return counts_;
  }

 private:
  [[nodiscard]] bool EchoAllowed(Instant now) noexcept;

  Table& table_;
  std::vector<Identity> identities_;
  std::array<uint64_t, kOutcomeCount> counts_{};
  Instant echo_window_{};      // the second that is being counted
  uint32_t echo_replies_ = 0;  // in it
};

}  // namespace joinery::neighbour
