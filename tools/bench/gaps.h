// How long a forwarding thread takes from one burst to the next, while something else goes on and
// while nothing does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace joinery::bench {

// Adding allocates nothing, touches no new page and waits for nobody. What is beyond the room is
// counted, not kept.
class Gaps {
 public:
  explicit Gaps(size_t room) : ticks_(room) { ticks_.clear(); }

  void Add(uint64_t ticks) noexcept {
    if (ticks_.size() == ticks_.capacity()) {
      ++left_out_;
      return;
    }
    ticks_.push_back(ticks > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(ticks));
  }

  [[nodiscard]] size_t size() const noexcept { return ticks_.size(); }
  [[nodiscard]] size_t left_out() const noexcept { return left_out_; }
  // The smallest gap that this share of all does not exceed; share in (0, 1]. Of none: 0.
  [[nodiscard]] uint32_t Quantile(double share);

 private:
  std::vector<uint32_t> ticks_;
  size_t left_out_ = 0;
};

}  // namespace joinery::bench
