// The timestamp cookie: a backend writes its ID into the TSval of all that it sends from a VIP, and
// clients echo it in TSecr, so that every later packet names its backend.
// Source: docs/cookie-format.md (the format, fixed) and docs/protocol.md section 5; RFC 7323. This
// is C++'s door to tokenmap/c/timestamp_cookie.h, which BPF programs share.
//
// Timestamps are in host order. A flow is its hash under the epoch's key. It does not authenticate:
// who forges TSecr reaches some backend of the pool.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "base/expected.h"
#include "base/ids.h"
#include "crypto/key128.h"
#include "tokenmap/c/timestamp_cookie.h"

namespace joinery::tokenmap {

inline constexpr uint8_t kCookieEpochBits = JOINERY_COOKIE_EPOCH_BITS;  // e
inline constexpr uint8_t kCookieCheckBits = JOINERY_COOKIE_CHECK_BITS;
inline constexpr uint8_t kMinCookieBits = 9;  // k
inline constexpr uint8_t kMaxCookieIdBits = JOINERY_COOKIE_MAX_ID_BITS;
inline constexpr uint8_t kCookieResidues = 1 << kCookieEpochBits;
inline constexpr Serial kFirstCookieSerial{JOINERY_COOKIE_FIRST_SERIAL};
inline constexpr Serial kLastCookieSerial{UINT32_MAX};

// k: the bits below a tick of 512 ms. id_bits (s): 1..kMaxCookieIdBits.
[[nodiscard]] constexpr uint8_t CookieBits(uint8_t id_bits) noexcept {
  return std::max(kMinCookieBits,
                  static_cast<uint8_t>(id_bits + kCookieEpochBits + kCookieCheckBits));
}

// Which of the live epochs a value may be of: serials that differ by a multiple of 4 look alike.
[[nodiscard]] constexpr uint8_t CookieResidue(Serial serial) noexcept {
  return static_cast<uint8_t>(serial.value() % kCookieResidues);
}

// One version of a pool's cookies: a key, and a serial (E) that only grows.
struct CookieEpoch {
  Serial serial;       // kFirstCookieSerial..kLastCookieSerial
  crypto::Key128 key;  // K_E: SipHash-1-3's
};

// Client address, VIP, client port and VIP port in network order: 12 bytes (IPv4) or 36 (IPv6).
// Of a client's packet it is what lies from its source address to its destination port.
using CookieFlow = std::span<const uint8_t>;

// Both sides of one epoch. Immutable, so any number of threads may use one.
class TimestampCookie {
 public:
  // Refuses id_bits outside 1..kMaxCookieIdBits and a serial out of range; says what is allowed.
  [[nodiscard]] static Expected<TimestampCookie> Create(const CookieEpoch& epoch, uint8_t id_bits);
  TimestampCookie(const TimestampCookie&) noexcept = default;
  TimestampCookie& operator=(const TimestampCookie&) noexcept = default;
  ~TimestampCookie();  // wipes the key

  [[nodiscard]] Serial serial() const noexcept { return Serial(epoch_.serial); }
  [[nodiscard]] uint8_t code_bits() const noexcept { return epoch_.code_bits; }  // k - e
  // For engines that decode many values at once. As secret as the key.
  [[nodiscard]] const joinery_cookie_epoch& epoch() const noexcept { return epoch_; }

  // H, the same in both directions. `flow` has 12 or 36 bytes; of any other number it is 0.
  [[nodiscard]] uint64_t Hash(CookieFlow flow) const noexcept;

  // TSval as the stack wrote it (a clock of 1 kHz) -> TSval on the wire, of any segment but a
  // SYN/ACK. `id` is below 2^s; above, it is cut off.
  [[nodiscard]] uint32_t Encode(BackendId id, uint64_t hash, uint32_t tsval) const noexcept {
    return joinery_cookie_encode(&epoch_, hash, Fit(id), tsval);
  }
  // The same of a SYN/ACK, whose low 6 bits a SYN cookie needs back.
  [[nodiscard]] uint32_t EncodeSynAck(BackendId id, uint64_t hash, uint32_t tsval) const noexcept {
    return joinery_cookie_encode_synack(&epoch_, hash, Fit(id), tsval);
  }

  // Whether a TSecr has this epoch's residue.
  [[nodiscard]] bool MayBeOf(uint32_t tsecr) const noexcept {
    return joinery_cookie_residue(epoch_.code_bits, tsecr) == CookieResidue(serial());
  }
  // The ID in a TSecr that may be of this epoch; nullopt when its check bits are wrong. One value
  // in eight that is no cookie passes; whether a backend has the ID, the caller knows.
  [[nodiscard]] std::optional<BackendId> Decode(uint64_t hash, uint32_t tsecr) const noexcept {
    uint32_t id = 0;
    if (joinery_cookie_decode(&epoch_, hash, tsecr, &id) == 0) return std::nullopt;
    return BackendId(static_cast<uint16_t>(id));
  }

  // What a backend's stack gets for TSecr when it has only a listener for the segment: 64 and the
  // low 6 bits of its SYN/ACK's TSval.
  [[nodiscard]] uint32_t SynEcho(uint32_t tsecr) const noexcept {
    return joinery_cookie_syn_echo(&epoch_, tsecr);
  }

 private:
  explicit TimestampCookie(const joinery_cookie_epoch& epoch) noexcept : epoch_(epoch) {}

  [[nodiscard]] uint32_t Fit(BackendId id) const noexcept {
    return id.value() & ((1U << (epoch_.code_bits - kCookieCheckBits)) - 1);
  }

  joinery_cookie_epoch epoch_;
};

}  // namespace joinery::tokenmap
