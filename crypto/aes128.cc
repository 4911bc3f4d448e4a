#include "crypto/aes128.h"

#include "crypto/aes_engines.h"
#include "crypto/cpu.h"

namespace joinery::crypto {

std::string_view Name(AesEngine engine) noexcept {
  switch (engine) {
    case AesEngine::kGeneric:
      return "generic";
    case AesEngine::kOpenssl:
      return "openssl";
    case AesEngine::kAesni:
      return "aesni";
    case AesEngine::kVaes:
      return "vaes";
  }
  return "unknown";
}

bool IsSupported(AesEngine engine) noexcept {
  switch (engine) {
    case AesEngine::kGeneric:
    case AesEngine::kOpenssl:
      return true;
    case AesEngine::kAesni:
      return Cpu().aesni;
    case AesEngine::kVaes:
      return Cpu().vaes;
  }
  return false;
}

AesEngine BestAesEngine() noexcept {
  if (Cpu().vaes) return AesEngine::kVaes;
  if (Cpu().aesni) return AesEngine::kAesni;
  return AesEngine::kOpenssl;
}

Aes128::Aes128(const Key128& key, AesEngine engine) noexcept
    : round_keys_(aes::ExpandKey(key)), engine_(engine) {
  if (engine == AesEngine::kOpenssl) openssl_key_ = aes::OpensslKey(key);
}

Aes128::~Aes128() {
  Wipe(round_keys_);
  Wipe(openssl_key_);
}

void Aes128::EncryptBlock(std::span<const uint8_t, kBlockBytes> in,
                          std::span<uint8_t, kBlockBytes> out) const noexcept {
  // A Block is its 16 bytes and nothing else.
  static_assert(sizeof(Block) == kBlockBytes && alignof(Block) == 1);
  EncryptBlocks({reinterpret_cast<const Block*>(in.data()), 1},
                {reinterpret_cast<Block*>(out.data()), 1});
}

void Aes128::EncryptBlocks(std::span<const Block> in, std::span<Block> out) const noexcept {
  switch (engine_) {
    case AesEngine::kGeneric:
      return aes::EncryptGeneric(round_keys_, in.data(), out.data(), in.size());
    case AesEngine::kOpenssl:
      return aes::EncryptOpenssl(openssl_key_, in.data(), out.data(), in.size());
    case AesEngine::kAesni:
      return aes::EncryptAesni(round_keys_, in.data(), out.data(), in.size());
    case AesEngine::kVaes:
      // A register of four would hold a single block no faster.
      if (in.size() < 4) return aes::EncryptAesni(round_keys_, in.data(), out.data(), in.size());
      return aes::EncryptVaes(round_keys_, in.data(), out.data(), in.size());
  }
}

}  // namespace joinery::crypto
