// TCP sequence numbers: arithmetic modulo 2^32 (RFC 9293 section 3.4).
#pragma once

#include <cstdint>

namespace joinery {

class SeqNumber {
 public:
  constexpr SeqNumber() noexcept = default;
  constexpr explicit SeqNumber(uint32_t value) noexcept : value_(value) {}

  [[nodiscard]] constexpr uint32_t value() const noexcept { return value_; }

  friend constexpr bool operator==(SeqNumber, SeqNumber) noexcept = default;
  friend constexpr SeqNumber operator+(SeqNumber a, uint32_t n) noexcept {
    return SeqNumber(a.value_ + n);
  }
  // How far a is after b; negative when it is before. Meaningful within half of the space.
  friend constexpr int32_t operator-(SeqNumber a, SeqNumber b) noexcept {
    return static_cast<int32_t>(a.value_ - b.value_);
  }
  // "before" and "after" on the circle; there is no total order, so no operator<=>.
  friend constexpr bool operator<(SeqNumber a, SeqNumber b) noexcept { return a - b < 0; }
  friend constexpr bool operator>(SeqNumber a, SeqNumber b) noexcept { return a - b > 0; }
  friend constexpr bool operator<=(SeqNumber a, SeqNumber b) noexcept { return a - b <= 0; }
  friend constexpr bool operator>=(SeqNumber a, SeqNumber b) noexcept { return a - b >= 0; }

 private:
  uint32_t value_ = 0;
};

}  // namespace joinery
