// Which pool serves an address, protocol and port: open addressing over a power of two of slots,
// at most a quarter full. Built once, then read-only.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::steer {

class VipTable {
 public:
  enum class Match : uint8_t {
    kNotVip,     // the address is no virtual address
    kNoService,  // it is one, but nothing is served on this protocol and port
    kPool,       // `pool` serves it
  };
  struct Result {
    Match match = Match::kNotVip;
    uint16_t pool = 0;  // kPool only: in Snapshot::pools()
  };

  VipTable() : VipTable(0) {}
  // Room for `services` calls of Add.
  explicit VipTable(size_t services);

  // False when the address, protocol and port are taken. protocol is 6 or 17; port is not 0.
  [[nodiscard]] bool Add(const IpAddress& address, uint8_t protocol, Port port, uint16_t pool);

  [[nodiscard]] Result Find(const IpAddress& address, uint8_t protocol, Port port) const noexcept;
  [[nodiscard]] bool IsVip(const IpAddress& address) const noexcept;

 private:
  struct Slot {
    IpAddress address;
    uint8_t protocol = 0;  // 0 (with port 0): the entry that says "this address is virtual"
    Port port;
    uint16_t pool = 0;
    bool used = false;
  };

  [[nodiscard]] size_t FindSlot(const IpAddress& address, uint8_t protocol,
                                Port port) const noexcept;

  std::vector<Slot> slots_;
};

}  // namespace joinery::steer
