// The slow twin of Ff1Radix2: bits as numerals of tokenmap/ff1.h, AES by libcrypto. For tests.
#pragma once

#include <cstdint>
#include <vector>

#include "base/big_endian.h"
#include "base/ids.h"
#include "crypto/aes128.h"
#include "tokenmap/ff1.h"

namespace joinery::tokenmap {

class Ff1Radix2Twin {
 public:
  Ff1Radix2Twin(const crypto::Key128& key, PoolId pool, Serial serial, uint8_t bits)
      : ff1_(Ff1::Create(Cipher(key), 2, Tweak(pool, serial)).value()), bits_(bits) {}

  [[nodiscard]] uint32_t Encrypt(uint32_t body) const {
    return FromBits(ff1_.Encrypt(ToBits(body)).value());
  }
  [[nodiscard]] uint32_t Decrypt(uint32_t body) const {
    return FromBits(ff1_.Decrypt(ToBits(body)).value());
  }

 private:
  static Ff1::Cipher Cipher(const crypto::Key128& key) {
    return [aes = crypto::Aes128(key, crypto::AesEngine::kOpenssl)](auto in, auto out) {
      aes.EncryptBlock(in, out);
    };
  }

  static std::vector<uint8_t> Tweak(PoolId pool, Serial serial) {
    std::vector<uint8_t> tweak(12);
    StoreBe32(tweak.data(), pool.value());
    StoreBe64(tweak.data() + 4, serial.value());
    return tweak;
  }

  [[nodiscard]] Ff1::Numerals ToBits(uint32_t value) const {
    Ff1::Numerals numerals(bits_);
    for (size_t i = bits_; i-- > 0; value >>= 1) numerals[i] = value & 1;
    return numerals;
  }

  static uint32_t FromBits(const Ff1::Numerals& numerals) {
    uint32_t value = 0;
    for (const uint32_t bit : numerals) value = value << 1 | bit;
    return value;
  }

  Ff1 ff1_;
  uint8_t bits_;
};

}  // namespace joinery::tokenmap
