#include "lb/dpdk/vlan_tag.h"

#include <cstring>

#include "base/big_endian.h"
#include "wire/ethernet.h"

namespace joinery::dpdk {
namespace {

using wire::EthernetView;

constexpr size_t kMacs = EthernetView::kEtherType;  // both addresses, in front of the tag
constexpr uint16_t kVlanIdBits = 0x0fff;
constexpr uint64_t kTakenByDevice = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;

}  // namespace

bool TakeTag(rte_mbuf& packet, uint16_t vlan) noexcept {
  if ((packet.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) {
    if ((packet.vlan_tci & kVlanIdBits) != vlan) return false;
    packet.ol_flags &= ~kTakenByDevice;
    return true;
  }
  auto* frame = rte_pktmbuf_mtod(&packet, uint8_t*);
  if (packet.data_len < EthernetView::kMinLength + EthernetView::kTagLength) return false;
  if (LoadBe16(frame + kMacs) != wire::kEtherTypeVlan) return false;
  if ((LoadBe16(frame + kMacs + 2) & kVlanIdBits) != vlan) return false;
  std::memmove(frame + EthernetView::kTagLength, frame, kMacs);
  rte_pktmbuf_adj(&packet, EthernetView::kTagLength);
  return true;
}

bool PutTag(rte_mbuf& packet, uint16_t vlan) noexcept {
  const auto* bare = rte_pktmbuf_mtod(&packet, const uint8_t*);
  char* front = rte_pktmbuf_prepend(&packet, EthernetView::kTagLength);
  if (front == nullptr) return false;
  auto* frame = reinterpret_cast<uint8_t*>(front);
  std::memmove(frame, bare, kMacs);
  StoreBe16(frame + kMacs, wire::kEtherTypeVlan);
  StoreBe16(frame + kMacs + 2, vlan);
  return true;
}

void LeaveTagToDevice(rte_mbuf& packet, uint16_t vlan) noexcept {
  packet.vlan_tci = vlan;
  packet.ol_flags |= RTE_MBUF_F_TX_VLAN;
}

}  // namespace joinery::dpdk
