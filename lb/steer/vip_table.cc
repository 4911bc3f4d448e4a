#include "lb/steer/vip_table.h"

#include <bit>

#include "base/big_endian.h"

namespace joinery::steer {
namespace {

// Stands for "this address is virtual", whatever the port.
constexpr uint8_t kAnyProtocol = 0;
constexpr Port kAnyPort{0};

// Spreads what the operator chose; a client only chooses which slot to ask, so it needs no key.
size_t Mix(const IpAddress& address, uint8_t protocol, Port port) noexcept {
  constexpr uint64_t kOdd1 = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio (Knuth, TAOCP 6.4)
  constexpr uint64_t kOdd2 = 0xc2b2ae3d27d4eb4f;  // a prime
  const uint8_t* bytes = address.storage().data();
  uint64_t h = LoadBe64(bytes) * kOdd1;
  h = (h ^ (h >> 32) ^ LoadBe64(bytes + 8)) * kOdd2;
  h = (h ^ (h >> 32) ^ (uint64_t{protocol} << 16 | port.value())) * kOdd1;
  return static_cast<size_t>(h >> 32);
}

}  // namespace

// Each service may bring an address of its own, so two entries; at most a quarter of the slots.
VipTable::VipTable(size_t services) : slots_(std::bit_ceil(8 * services + 4)) {}

size_t VipTable::FindSlot(const IpAddress& address, uint8_t protocol, Port port) const noexcept {
  const size_t mask = slots_.size() - 1;
  size_t at = Mix(address, protocol, port) & mask;
  // Ends: at least three quarters of the slots are unused.
  while (slots_[at].used && !(slots_[at].port == port && slots_[at].protocol == protocol &&
                              slots_[at].address == address)) {
    at = (at + 1) & mask;
  }
  return at;
}

bool VipTable::Add(const IpAddress& address, uint8_t protocol, Port port, uint16_t pool) {
  Slot& slot = slots_[FindSlot(address, protocol, port)];
  if (slot.used) return false;
  slot = {.address = address, .protocol = protocol, .port = port, .pool = pool, .used = true};
  slots_[FindSlot(address, kAnyProtocol, kAnyPort)] = {
      .address = address, .protocol = kAnyProtocol, .port = kAnyPort, .pool = 0, .used = true};
  return true;
}

VipTable::Result VipTable::Find(const IpAddress& address, uint8_t protocol,
                                Port port) const noexcept {
  const Slot& slot = slots_[FindSlot(address, protocol, port)];
  if (slot.used) return {.match = Match::kPool, .pool = slot.pool};
  return {.match = IsVip(address) ? Match::kNoService : Match::kNotVip};
}

bool VipTable::IsVip(const IpAddress& address) const noexcept {
  return slots_[FindSlot(address, kAnyProtocol, kAnyPort)].used;
}

}  // namespace joinery::steer
