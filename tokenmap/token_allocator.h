// Explicit mode: which nonces of a backend are in use under one generation (docs/protocol.md
// section 2). Walks the nonce space from a random start, wraps, and skips live nonces and those
// released less than kCoolingTime ago, so that no token returns while packets that name it may
// still be on their way.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "tokenmap/scheme.h"

namespace joinery::tokenmap {

enum class AllocateStatus : uint8_t {
  kOk,
  kCrowded,  // given, but kWarnPercent of the space or more are taken: tell the operator
  kRefused,  // kRefusePercent are taken: fall back to a derived token or to plain TCP
};

struct Allocation {
  AllocateStatus status = AllocateStatus::kRefused;
  uint32_t nonce = 0;  // unless refused
};

struct AllocatorCounters {
  uint64_t allocated = 0;
  uint64_t crowded = 0;  // of the allocated
  uint64_t refused = 0;
  uint64_t released = 0;
};

// Two bits of memory for each nonce: 1 MiB at 22 nonce bits. Not thread-safe.
class TokenAllocator {
 public:
  static constexpr Nanoseconds kCoolingTime = std::chrono::seconds(120);
  static constexpr uint64_t kWarnPercent = 50;
  static constexpr uint64_t kRefusePercent = 80;

  // `clock` must outlive the allocator; `random` is used here only. `taken` is what TakenNonces()
  // said before a restart: those nonces are live until released. Refuses one that is given twice
  // or is too large.
  [[nodiscard]] static Expected<TokenAllocator> Create(const Scheme& scheme, const Clock& clock,
                                                       Random& random,
                                                       std::span<const uint32_t> taken = {});

  [[nodiscard]] Allocation Allocate() noexcept;
  // False when the nonce is not live: a caller's mistake, changes nothing.
  [[nodiscard]] bool Release(uint32_t nonce);

  // Live or cooling, ascending. To be kept across a restart.
  [[nodiscard]] std::vector<uint32_t> TakenNonces() const;

  [[nodiscard]] uint64_t space() const noexcept { return space_; }
  [[nodiscard]] uint64_t live() const noexcept { return taken_count_ - cooling_.size(); }
  [[nodiscard]] uint64_t cooling() const noexcept { return cooling_.size(); }
  [[nodiscard]] const AllocatorCounters& counters() const noexcept { return counters_; }

 private:
  struct Cooling {
    Instant until;
    uint32_t nonce;
  };

  TokenAllocator(uint64_t space, const Clock& clock, uint32_t start)
      : clock_(&clock), space_(space), next_(start), live_(space), taken_(space) {}

  void Take(uint32_t nonce) noexcept;
  // Frees what has cooled by now.
  void Thaw() noexcept;

  const Clock* clock_;
  uint64_t space_;  // nonces: a power of two
  uint32_t next_;   // where the walk goes on
  uint64_t taken_count_ = 0;
  std::vector<bool> live_;
  std::vector<bool> taken_;      // live or cooling
  std::deque<Cooling> cooling_;  // oldest first
  AllocatorCounters counters_;
};

}  // namespace joinery::tokenmap
