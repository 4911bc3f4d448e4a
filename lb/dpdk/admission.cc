#include "lb/dpdk/admission.h"

#include <cstring>

#include "lb/dpdk/vlan_tag.h"

namespace joinery::dpdk {
namespace {

constexpr size_t kMacBytes = 6;
// Bit i: byte i of a frame is that of our address.
constexpr uint32_t kDestinationBits = 0x03f;
constexpr uint32_t kSourceBits = 0xfc0;
constexpr size_t kForUs = kEdgeDropCount;

// The bytes of both addresses that equal ours. A buffer is longer than the 16 bytes read, however
// short its frame is.
uint32_t OwnBytes(const uint8_t* frame, __m128i own) noexcept {
  const __m128i macs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(frame));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(macs, own)));
}

const uint8_t* FrameOf(const rte_mbuf& packet) noexcept {
  return rte_pktmbuf_mtod(&packet, const uint8_t*);
}

}  // namespace

Admission::Admission(const MacAddress& mac, uint16_t vlan) noexcept : own_{}, vlan_(vlan) {
  std::array<uint8_t, sizeof own_> bytes{};
  std::memcpy(&bytes[0], mac.bytes.data(), kMacBytes);
  std::memcpy(&bytes[kMacBytes], mac.bytes.data(), kMacBytes);
  std::memcpy(&own_, bytes.data(), bytes.size());
}

uint16_t Admission::Admit(std::span<rte_mbuf*> packets, std::span<std::span<const uint8_t>> frames,
                          EdgeCounters& counters) const noexcept {
  if (vlan_ != 0) packets = packets.first(DropOthersVlans(packets, counters));
  uint16_t kept = 0;
  for (rte_mbuf* packet : packets) {
    if (!IsOrdinary(*packet)) [[unlikely]] {
      const size_t why = WhyNot(*packet);
      if (why != kForUs) {
        counters.Drop(static_cast<EdgeDrop>(why));
        rte_pktmbuf_free(packet);
        continue;
      }
    }
    packets[kept] = packet;
    frames[kept] = {FrameOf(*packet), packet->data_len};
    ++kept;
  }
  return kept;
}

uint16_t Admission::DropOthersVlans(std::span<rte_mbuf*> packets,
                                    EdgeCounters& counters) const noexcept {
  uint16_t kept = 0;
  for (rte_mbuf* packet : packets) {
    if (TakeTag(*packet, vlan_)) {
      packets[kept++] = packet;
    } else {
      counters.Drop(EdgeDrop::kForeignVlan);
      rte_pktmbuf_free(packet);
    }
  }
  return kept;
}

bool Admission::IsOrdinary(const rte_mbuf& packet) const noexcept {
  const uint32_t own = OwnBytes(FrameOf(packet), own_);
  const bool to_us = (own & kDestinationBits) == kDestinationBits;
  const bool from_us = (own & kSourceBits) == kSourceBits;
  const bool whole = packet.nb_segs == 1 && packet.data_len >= 2 * kMacBytes;
  return to_us & !from_us & whole;  // no branch between them: they come out alike
}

size_t Admission::WhyNot(const rte_mbuf& packet) const noexcept {
  if (packet.nb_segs != 1) return static_cast<size_t>(EdgeDrop::kScattered);
  // Too short for two addresses: the decision says what is wrong with it.
  if (packet.data_len < 2 * kMacBytes) return kForUs;
  const uint8_t* frame = FrameOf(packet);
  const uint32_t own = OwnBytes(frame, own_);
  const bool to_group = (frame[0] & 1) != 0;
  if (!to_group && (own & kDestinationBits) != kDestinationBits) {
    return static_cast<size_t>(EdgeDrop::kForeignMac);
  }
  if ((own & kSourceBits) == kSourceBits) return static_cast<size_t>(EdgeDrop::kOwnFrame);
  return kForUs;
}

}  // namespace joinery::dpdk
