// Randomness as the caller sees it: the kernel's for keys, a seeded one for tests and simulations.
#pragma once

#include <cstdint>
#include <span>

namespace joinery {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(std::span<uint8_t> out) noexcept = 0;

  [[nodiscard]] uint32_t Uint32() noexcept;
  [[nodiscard]] uint64_t Uint64() noexcept;
  // Uniform in [0, bound); bound > 0. Rejection sampling: no bias.
  [[nodiscard]] uint32_t Below(uint32_t bound) noexcept;
};

// getrandom(2); aborts when the kernel has none to give, since no key is better than a weak one.
// Thread-safe.
class SystemRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) noexcept override;
};

// splitmix64 from one seed: the same numbers everywhere. Never for keys. Not thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) noexcept : state_(seed) {}
  void Fill(std::span<uint8_t> out) noexcept override;

 private:
  uint64_t state_;
};

}  // namespace joinery
