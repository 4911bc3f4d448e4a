#include "base/random.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/random.h>

namespace joinery {

uint32_t Random::Uint32() noexcept {
  uint8_t bytes[sizeof(uint32_t)];
  Fill(bytes);
  uint32_t v;
  std::memcpy(&v, bytes, sizeof v);
  return v;
}

uint64_t Random::Uint64() noexcept {
  uint8_t bytes[sizeof(uint64_t)];
  Fill(bytes);
  uint64_t v;
  std::memcpy(&v, bytes, sizeof v);
  return v;
}

uint32_t Random::Below(uint32_t bound) noexcept {
  const uint32_t unfair = (0U - bound) % bound;  // 2^32 mod bound: the draws that would be too many
  uint32_t draw = Uint32();
  while (draw < unfair) draw = Uint32();
  return draw % bound;
}

void SystemRandom::Fill(std::span<uint8_t> out) noexcept {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) std::abort();
    out = out.subspan(static_cast<size_t>(got));
  }
}

void SeededRandom::Fill(std::span<uint8_t> out) noexcept {
  while (!out.empty()) {
    state_ += 0x9e3779b97f4a7c15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    z ^= z >> 31;
    const size_t n = out.size() < sizeof z ? out.size() : sizeof z;
    std::memcpy(out.data(), &z, n);
    out = out.subspan(n);
  }
}

}  // namespace joinery
