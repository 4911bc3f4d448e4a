// Whether a frame is for a pool at all: parsed, whole, for a virtual address and a port that is
// served there, and not at the end of its life.
#pragma once

#include <cstdint>
#include <span>

#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"
#include "wire/packet_view.h"

namespace joinery::steer {

// By what the backend is still to be found.
enum class Subject : uint8_t {
  kNone,       // by nothing: the verdict, kLocal or kDrop, is final
  kFlow,       // a TCP or UDP packet to the verdict's pool
  kAddresses,  // a packet or fragment to the verdict's pool, of an address that takes fragments
  kIcmpError,  // by what an ICMP error quotes (icmp_error.h); the pool is not known either
};

// `view` is the parsed frame unless it is malformed. Both are as new ones before.
[[nodiscard]] Subject Classify(const Snapshot& snapshot, std::span<const uint8_t> frame,
                               wire::PacketView& view, Verdict& verdict) noexcept;

}  // namespace joinery::steer
