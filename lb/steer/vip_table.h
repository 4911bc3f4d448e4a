// Which pool serves an address, protocol and port. A port that is served by itself has a slot,
// found by open addressing over a power of two of slots, at most a quarter full; ranges of ports
// cost one entry however long they are, and are asked only after that slot. Built once, then
// read-only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "base/port_range.h"

namespace joinery::steer {

class VipTable {
 public:
  struct Service {
    IpAddress address;
    uint8_t protocol = 0;     // 6 or 17
    PortRange ports;          // without port 0
    uint16_t pool = 0;        // in Snapshot::pools()
    bool by_address = false;  // of the whole address: the pool takes its fragments
  };

  enum class Match : uint8_t {
    kNotVip,     // the address is no virtual address
    kNoService,  // it is one, but nothing is served on this protocol and port
    kPool,       // `pool` serves it
  };
  struct Result {
    Match match = Match::kNotVip;
    uint16_t pool = 0;        // kPool only
    bool by_address = false;  // kPool only: whole packets go the way that fragments go
  };

  // Knows no address.
  VipTable() : slots_(1) {}
  // Refuses services that overlap, or of an address that takes fragments and has not one pool for
  // them all; says which.
  [[nodiscard]] static Expected<VipTable> Build(std::vector<Service> services);

  // protocol is 6 or 17.
  [[nodiscard]] Result Find(const IpAddress& address, uint8_t protocol, Port port) const noexcept;
  // Of what has no ports: kPool where the address takes fragments, else kNoService.
  [[nodiscard]] Result FindFragment(const IpAddress& address) const noexcept;
  [[nodiscard]] bool IsVip(const IpAddress& address) const noexcept;
  // What is served there, by port. For people: it searches.
  [[nodiscard]] std::span<const Service> ServicesOf(const IpAddress& address,
                                                    uint8_t protocol) const noexcept;

 private:
  struct Slot {
    IpAddress address;
    uint8_t protocol = 0;  // 0 (with port 0): the entry that says "this address is virtual"
    Port port;
    uint16_t pool = 0;
    bool used = false;
    bool by_address = false;   // in all entries of an address or in none
    uint32_t first_range = 0;  // of the entry of an address: in ranges_
    uint32_t range_count = 0;
  };
  // Port with the protocol above it, so that one comparison orders both.
  struct Range {
    uint32_t first = 0;
    uint32_t last = 0;
    uint16_t pool = 0;
  };

  explicit VipTable(std::vector<Service> sorted);

  [[nodiscard]] size_t FindSlot(const IpAddress& address, uint8_t protocol,
                                Port port) const noexcept;
  // The entry that says "this address is virtual", or one that is not used.
  [[nodiscard]] const Slot& AddressSlot(const IpAddress& address) const noexcept;
  [[nodiscard]] const Range* FindRange(const Slot& vip, uint8_t protocol, Port port) const noexcept;

  std::vector<Service> services_;  // by address, protocol and port
  std::vector<Slot> slots_;
  std::vector<Range> ranges_;  // those of one address together, in order
};

}  // namespace joinery::steer
