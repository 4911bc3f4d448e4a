#include "crypto/sha_key.h"

#include "base/big_endian.h"
#include "crypto/cpu.h"
#include "crypto/sha_key_shani.h"

namespace joinery::crypto {
namespace {

std::array<uint8_t, sizeof(uint64_t)> Bytes(uint64_t key) noexcept {
  std::array<uint8_t, sizeof key> bytes;
  StoreBe64(bytes.data(), key);
  return bytes;
}

}  // namespace

std::string_view Name(ShaEngine engine) noexcept {
  return engine == ShaEngine::kOpenssl ? "openssl" : "shani";
}

bool IsSupported(ShaEngine engine) noexcept { return engine == ShaEngine::kOpenssl || Cpu().sha; }

ShaEngine BestShaEngine() noexcept { return Cpu().sha ? ShaEngine::kShaNi : ShaEngine::kOpenssl; }

Sha1Digest Sha1OfKey(uint64_t key, ShaEngine engine) noexcept {
  return engine == ShaEngine::kShaNi ? shani::Sha1OfKey(key) : Sha1(Bytes(key));
}

Sha256Digest Sha256OfKey(uint64_t key, ShaEngine engine) noexcept {
  return engine == ShaEngine::kShaNi ? shani::Sha256OfKey(key) : Sha256(Bytes(key));
}

}  // namespace joinery::crypto
