// The 802.1Q tag (IEEE 802.1Q section 9.3) of a port that is on a VLAN: off what comes, onto what
// goes, so that everything between sees frames without it. The device does either where it can;
// this is the other way, and works with every driver. Priority is 0; tags further in stay.
#pragma once

#include <cstdint>

#include <rte_mbuf.h>

namespace joinery::dpdk {

// Takes the tag of `vlan` off the front of the frame, or off what the device has kept of it beside
// the frame. False: the outermost tag is another, or there is none; the packet is as it was.
[[nodiscard]] bool TakeTag(rte_mbuf& packet, uint16_t vlan) noexcept;

// Puts it in front. False: there is no room; the packet is as it was.
[[nodiscard]] bool PutTag(rte_mbuf& packet, uint16_t vlan) noexcept;

// Leaves that to the device, which has said that it can.
void LeaveTagToDevice(rte_mbuf& packet, uint16_t vlan) noexcept;

}  // namespace joinery::dpdk
