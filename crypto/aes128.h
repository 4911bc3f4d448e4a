// AES-128 encryption of single blocks (FIPS 197). FF1 needs no decryption, so there is none.
// Engines give equal results; the best one that the CPU can run is the default.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <openssl/aes.h>

#include "crypto/key128.h"

namespace joinery::crypto {

enum class AesEngine : uint8_t {
  kGeneric,  // FIPS 197 as written: slow, obvious, and its time depends on the data; for tests
  kOpenssl,  // libcrypto's; for CPUs without AES instructions
  kAesni,    // AES instructions, eight blocks interleaved
  kVaes,     // the same on 512-bit registers, four blocks in each
};

inline constexpr std::array kAesEngines = {AesEngine::kGeneric, AesEngine::kOpenssl,
                                           AesEngine::kAesni, AesEngine::kVaes};

// "generic", "openssl", "aesni", "vaes".
[[nodiscard]] std::string_view Name(AesEngine engine) noexcept;

[[nodiscard]] bool IsSupported(AesEngine engine) noexcept;
[[nodiscard]] AesEngine BestAesEngine() noexcept;

// Immutable once made, so any number of threads may use one. Wiped when it goes.
class Aes128 {
 public:
  static constexpr size_t kBlockBytes = 16;
  static constexpr size_t kRounds = 10;
  using Block = std::array<uint8_t, kBlockBytes>;
  // The initial key and one for each round, in FIPS 197's order.
  using RoundKeys = std::array<Block, kRounds + 1>;

  // REQUIRES: IsSupported(engine).
  explicit Aes128(const Key128& key, AesEngine engine = BestAesEngine()) noexcept;
  Aes128(const Aes128&) noexcept = default;
  Aes128& operator=(const Aes128&) noexcept = default;
  ~Aes128();

  [[nodiscard]] AesEngine engine() const noexcept { return engine_; }
  // For code that weaves the rounds into its own (tokenmap's FF1 bursts). As secret as the key.
  [[nodiscard]] const RoundKeys& round_keys() const noexcept { return round_keys_; }

  // `in` and `out` may be the same block.
  void EncryptBlock(std::span<const uint8_t, kBlockBytes> in,
                    std::span<uint8_t, kBlockBytes> out) const noexcept;
  // Each block by itself (ECB). REQUIRES: out.size() >= in.size(); `in` and `out` are the same or
  // do not overlap.
  void EncryptBlocks(std::span<const Block> in, std::span<Block> out) const noexcept;

 private:
  alignas(16) RoundKeys round_keys_;  // as AES-NI reads them
  AES_KEY openssl_key_{};             // kOpenssl only
  AesEngine engine_;
};

}  // namespace joinery::crypto
