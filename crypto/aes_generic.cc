// FIPS 197, step by step. The state is kept as the 16 input bytes, so byte 4c + r is row r of
// column c. The S-box is computed from its definition rather than listed.
#include <algorithm>
#include <bit>

#include "crypto/aes_engines.h"

namespace joinery::crypto::aes {
namespace {

using Block = Aes128::Block;

// Multiplication by x modulo x^8 + x^4 + x^3 + x + 1 (section 4.2.1).
constexpr uint8_t Xtime(uint8_t a) noexcept {
  return static_cast<uint8_t>((a << 1) ^ ((a & 0x80) != 0 ? 0x1b : 0));
}

constexpr uint8_t Multiply(uint8_t a, uint8_t b) noexcept {
  uint8_t product = 0;
  for (; b != 0; b = static_cast<uint8_t>(b >> 1)) {
    if ((b & 1) != 0) product = static_cast<uint8_t>(product ^ a);
    a = Xtime(a);
  }
  return product;
}

// Section 5.1.1: the inverse in GF(2^8) (0 for 0), then an affine map of its bits.
constexpr std::array<uint8_t, 256> MakeSbox() noexcept {
  std::array<uint8_t, 256> sbox{};
  for (unsigned value = 0; value < 256; ++value) {
    uint8_t inverse = 1;  // value^254 = value^-1, since value^255 = 1
    for (int i = 0; i < 254; ++i) inverse = Multiply(inverse, static_cast<uint8_t>(value));
    uint8_t s = 0x63;
    for (int shift = 0; shift < 5; ++shift) {
      s = static_cast<uint8_t>(s ^ std::rotl(inverse, shift));
    }
    sbox.at(value) = s;
  }
  return sbox;
}

const std::array<uint8_t, 256> kSbox = MakeSbox();

void AddRoundKey(Block& state, const Block& key) noexcept {
  for (size_t i = 0; i < state.size(); ++i) state[i] = static_cast<uint8_t>(state[i] ^ key[i]);
}

void SubBytes(Block& state) noexcept {
  for (uint8_t& byte : state) byte = kSbox[byte];
}

// Row r moves r columns to the left (section 5.1.2).
void ShiftRows(Block& state) noexcept {
  const Block old = state;
  for (size_t c = 0; c < 4; ++c) {
    for (size_t r = 0; r < 4; ++r) state[4 * c + r] = old[4 * ((c + r) % 4) + r];
  }
}

// Each column times {03}x^3 + {01}x^2 + {01}x + {02} (section 5.1.3).
void MixColumns(Block& state) noexcept {
  const Block old = state;
  for (size_t c = 0; c < 4; ++c) {
    for (size_t r = 0; r < 4; ++r) {
      const auto at = [&](size_t row) { return old[4 * c + row % 4]; };
      state[4 * c + r] =
          static_cast<uint8_t>(Multiply(at(r), 2) ^ Multiply(at(r + 1), 3) ^ at(r + 2) ^ at(r + 3));
    }
  }
}

}  // namespace

Aes128::RoundKeys ExpandKey(const Key128& key) noexcept {
  Aes128::RoundKeys keys{};
  std::copy(key.bytes().begin(), key.bytes().end(), keys[0].begin());
  uint8_t rcon = 1;
  for (size_t round = 1; round < keys.size(); ++round) {
    const Block& before = keys[round - 1];
    Block& now = keys[round];
    for (size_t i = 0; i < 4; ++i) {
      // RotWord and SubWord of the last word, Rcon into its first byte.
      const uint8_t turned = kSbox[before[12 + (i + 1) % 4]];
      now[i] = static_cast<uint8_t>(before[i] ^ turned ^ (i == 0 ? rcon : 0));
    }
    for (size_t i = 4; i < now.size(); ++i) {
      now[i] = static_cast<uint8_t>(before[i] ^ now[i - 4]);
    }
    rcon = Xtime(rcon);
  }
  return keys;
}

void EncryptGeneric(const Aes128::RoundKeys& keys, const Block* in, Block* out,
                    size_t count) noexcept {
  for (size_t block = 0; block < count; ++block) {
    Block state = in[block];
    AddRoundKey(state, keys[0]);
    for (size_t round = 1; round < Aes128::kRounds; ++round) {
      SubBytes(state);
      ShiftRows(state);
      MixColumns(state);
      AddRoundKey(state, keys[round]);
    }
    SubBytes(state);
    ShiftRows(state);
    AddRoundKey(state, keys[Aes128::kRounds]);
    out[block] = state;
  }
}

}  // namespace joinery::crypto::aes
