// A pool's Maglev table and what it was made of, so that the next snapshot takes it over while that
// is unchanged: a table of 65,537 slots takes about a millisecond, and most changes (addresses,
// ports, keys, other pools) touch no table. Immutable; any number of snapshots may share one.
//
// Shared by pointer, which counts; so the hot path has the slots as a plain span
// (PoolEntry::table).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/expected.h"
#include "crypto/key128.h"
#include "lb/steer/maglev.h"

namespace joinery::steer {

class PlacementTable {
 public:
  // `previous` itself if it was made of the same, in any order; may be null. Errors: those of
  // BuildMaglevTable.
  [[nodiscard]] static Expected<std::shared_ptr<const PlacementTable>> Make(
      std::span<const MaglevBackend> backends, const crypto::Key128& secret, uint32_t size,
      const std::shared_ptr<const PlacementTable>& previous);

  // As BuildMaglevTable gives them.
  [[nodiscard]] std::span<const uint16_t> slots() const noexcept { return slots_; }

 private:
  struct Member {
    std::string name;
    uint32_t weight = 0;
    uint16_t value = 0;

    friend bool operator==(const Member&, const Member&) noexcept = default;
  };
  struct Ingredients {
    std::vector<Member> members;  // by name
    crypto::Key128 secret;
    uint32_t size = 0;

    friend bool operator==(const Ingredients&, const Ingredients&) noexcept = default;
  };

  PlacementTable(Ingredients made_of, std::vector<uint16_t> slots)
      : made_of_(std::move(made_of)), slots_(std::move(slots)) {}

  Ingredients made_of_;
  std::vector<uint16_t> slots_;
};

}  // namespace joinery::steer
