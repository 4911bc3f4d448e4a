// One address for each backend, from which its checks are sent: so an answer, and a packet on its
// way out, say by their addresses alone whose check they belong to. Taken from a prefix of each
// family that is routed to this host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/expected.h"
#include "base/ip_address.h"

namespace joinery::health {

// Of a backend in the list of all that are checked.
using Slot = size_t;

class SourceAddresses {
 public:
  // At most one prefix of each family. Slot 0 is the first address behind the prefix's own, so a
  // prefix of n host bits serves 2^n - 2 backends (the last address may be a broadcast). Refuses
  // two of a family, and a prefix without room for `slots`.
  [[nodiscard]] static Expected<SourceAddresses> Create(std::span<const IpPrefix> prefixes,
                                                        size_t slots);

  // Nothing when there is no prefix of this family. slot < slots.
  [[nodiscard]] std::optional<IpAddress> Of(Slot slot, IpFamily family) const;
  [[nodiscard]] std::optional<Slot> SlotOf(const IpAddress& address) const;

 private:
  explicit SourceAddresses(size_t slots) : slots_(slots) {}

  size_t slots_;
  std::optional<IpAddress> first4_;  // the prefix's own address, host bits zero
  std::optional<IpAddress> first6_;
};

}  // namespace joinery::health
