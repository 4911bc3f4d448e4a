// Which of the received frames are for us: the first stage of a burst, on a port's link addresses
// and VLAN. On a shared segment (a flooding bridge, a virtual interface without a filter) frames to
// others arrive too; to forward them would send the same packet twice.
#pragma once

#include <array>
#include <cstdint>
#include <emmintrin.h>
#include <span>

#include <rte_mbuf.h>

#include "base/mac_address.h"
#include "lb/dpdk/edge_counters.h"

namespace joinery::dpdk {

inline constexpr uint16_t kBurst = 32;

class Admission {
 public:
  // `vlan` is settings::PortConfig::vlan.
  Admission(const MacAddress& mac, uint16_t vlan) noexcept;

  // Keeps the frames for us at the front of `packets`, in their order, VLAN tag off, and writes
  // where each lies to `frames`; frees and counts the others. Returns how many it kept.
  // packets.size() <= frames.size() <= kBurst.
  [[nodiscard]] uint16_t Admit(std::span<rte_mbuf*> packets,
                               std::span<std::span<const uint8_t>> frames,
                               EdgeCounters& counters) const noexcept;

 private:
  [[nodiscard]] uint16_t DropOthersVlans(std::span<rte_mbuf*> packets,
                                         EdgeCounters& counters) const noexcept;
  // To our address, not from it, in one buffer: most frames, and all it takes is one comparison.
  [[nodiscard]] bool IsOrdinary(const rte_mbuf& packet) const noexcept;
  // Why the frame is not for us; kEdgeDropCount: it is.
  [[nodiscard]] size_t WhyNot(const rte_mbuf& packet) const noexcept;

  __m128i own_;  // our address twice, as destination and source of a frame
  uint16_t vlan_;
};

}  // namespace joinery::dpdk
