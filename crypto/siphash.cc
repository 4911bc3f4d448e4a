#include "crypto/siphash.h"

#include <bit>
#include <cstring>

namespace joinery::crypto {
namespace {

uint64_t LoadLe64(const uint8_t* p) noexcept {
  static_assert(std::endian::native == std::endian::little, "loads words as they lie");
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// The four words of state, section 2.2 of the paper.
struct State {
  uint64_t v0, v1, v2, v3;

  void Round() noexcept {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
};

// Section 2.2: the text "somepseudorandomlygeneratedbytes".
constexpr uint64_t kInit0 = 0x736f6d6570736575;
constexpr uint64_t kInit1 = 0x646f72616e646f6d;
constexpr uint64_t kInit2 = 0x6c7967656e657261;
constexpr uint64_t kInit3 = 0x7465646279746573;

template <int kCompress, int kFinish>
uint64_t Hash(const Key128& key, std::span<const uint8_t> message) noexcept {
  const uint64_t k0 = LoadLe64(key.bytes().data());
  const uint64_t k1 = LoadLe64(key.bytes().data() + 8);
  State s{k0 ^ kInit0, k1 ^ kInit1, k0 ^ kInit2, k1 ^ kInit3};
  const auto absorb = [&s](uint64_t word) noexcept {
    s.v3 ^= word;
    for (int i = 0; i < kCompress; ++i) s.Round();
    s.v0 ^= word;
  };
  const size_t whole = message.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) absorb(LoadLe64(message.data() + i));
  // The rest, zero-padded, with the length in the last byte.
  uint64_t last = static_cast<uint64_t>(message.size()) << 56;
  for (size_t i = whole; i < message.size(); ++i) {
    last |= static_cast<uint64_t>(message[i]) << (8 * (i - whole));
  }
  absorb(last);
  s.v2 ^= 0xff;
  for (int i = 0; i < kFinish; ++i) s.Round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace

uint64_t SipHash13(const Key128& key, std::span<const uint8_t> message) noexcept {
  return Hash<1, 3>(key, message);
}

uint64_t SipHash24(const Key128& key, std::span<const uint8_t> message) noexcept {
  return Hash<2, 4>(key, message);
}

}  // namespace joinery::crypto
