// SPDX-License-Identifier: Apache-2.0
// The shared C header as C++ tests include it: with our own AES.
#pragma once

#include <cstdint>

#include "crypto/aes128.h"

namespace joinery::tokenmap {

inline void EncryptForC(const crypto::Aes128& key, uint8_t* out, const uint8_t* in) noexcept {
  key.EncryptBlock(std::span<const uint8_t, 16>(in, 16), std::span<uint8_t, 16>(out, 16));
}

}  // namespace joinery::tokenmap

#define JOINERY_AES128_KEY joinery::crypto::Aes128
#define JOINERY_AES128_ENCRYPT(key, out, in) joinery::tokenmap::EncryptForC(*(key), out, in)
#include "tokenmap/c/ff1_radix2.h"
