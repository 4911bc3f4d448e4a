// Strong<Tag, Rep>: an integer that has a meaning, so that a token is never passed for an ID.
// It compares and hashes; arithmetic is left out on purpose (SeqNumber in seq_number.h has its
// own).
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace joinery {

template <typename Tag, typename Rep>
class Strong {
 public:
  using rep = Rep;

  constexpr Strong() noexcept = default;
  constexpr explicit Strong(Rep value) noexcept : value_(value) {}

  [[nodiscard]] constexpr Rep value() const noexcept { return value_; }

  friend constexpr bool operator==(Strong, Strong) noexcept = default;
  friend constexpr auto operator<=>(Strong, Strong) noexcept = default;

 private:
  Rep value_ = 0;
};

}  // namespace joinery

template <typename Tag, typename Rep>
struct std::hash<joinery::Strong<Tag, Rep>> {
  size_t operator()(joinery::Strong<Tag, Rep> value) const noexcept {
    return std::hash<Rep>{}(value.value());
  }
};
