// The balancer's side of the timestamp cookie: TSecr -> backend ID, under all live epochs of a pool
// (docs/cookie-format.md, docs/protocol.md section 5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/expected.h"
#include "base/ids.h"
#include "tokenmap/timestamp_cookie.h"

namespace joinery::tokenmap {

enum class CookieStatus : uint8_t {
  kOk,         // id is the ID in the cookie (whether a backend has it, the caller knows)
  kNoEpoch,    // an epoch field under which nothing is live here
  kCheckBits,  // no backend of this pool has made it, or it was made under another key
};

struct DecodedCookie {
  CookieStatus status = CookieStatus::kNoEpoch;
  Serial serial;      // of the epoch; kOk and kCheckBits only
  BackendId id;       // kOk only
  uint64_t hash = 0;  // H, of the flow under the epoch's key; kOk and kCheckBits only

  friend bool operator==(const DecodedCookie&, const DecodedCookie&) noexcept = default;
};

// Immutable, so any number of threads may use one. It does not authenticate: with n live epochs a
// value that is no cookie decodes to an unused or a used ID n times in 32.
class CookieDecoder {
 public:
  // At most four epochs, no two of whose serials differ by a multiple of 4; refuses also what
  // TimestampCookie refuses. No epoch is allowed: then nothing decodes.
  [[nodiscard]] static Expected<CookieDecoder> Create(uint8_t id_bits,
                                                      std::span<const CookieEpoch> live);

  // `flow` has 12 or 36 bytes (CookieFlow). tsecr: host order.
  [[nodiscard]] DecodedCookie Decode(CookieFlow flow, uint32_t tsecr) const noexcept;

  // The live epoch with this residue (below kCookieResidues), or null; it lives as long as this.
  [[nodiscard]] const TimestampCookie* Find(uint8_t residue) const noexcept {
    return epochs_[residue] ? &*epochs_[residue] : nullptr;
  }
  [[nodiscard]] uint8_t code_bits() const noexcept { return code_bits_; }  // k - e

 private:
  explicit CookieDecoder(uint8_t code_bits) noexcept : code_bits_(code_bits) {}

  uint8_t code_bits_;
  std::array<std::optional<TimestampCookie>, kCookieResidues> epochs_;  // by residue
};

}  // namespace joinery::tokenmap
