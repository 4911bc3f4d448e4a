#include "tokenmap/timestamp_cookie.h"

#include <cstring>

#include <fmt/format.h>

#include "crypto/wipe.h"

namespace joinery::tokenmap {
namespace {

constexpr size_t kIpv4Flow = 12;
constexpr size_t kIpv6Flow = 36;

template <typename T>
T LoadAsIs(const uint8_t* p) noexcept {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

}  // namespace

Expected<TimestampCookie> TimestampCookie::Create(const CookieEpoch& epoch, uint8_t id_bits) {
  if (id_bits < 1 || id_bits > kMaxCookieIdBits) {
    return Fail(fmt::format("id_bits {} is out of range; a cookie holds 1..{} (max_backends 1..{})",
                            id_bits, kMaxCookieIdBits, 1 << (kMaxCookieIdBits - 1)));
  }
  if (epoch.serial < kFirstCookieSerial || epoch.serial > kLastCookieSerial) {
    return Fail(fmt::format("epoch serial {} is out of range; allowed {}..{}", epoch.serial.value(),
                            kFirstCookieSerial.value(), kLastCookieSerial.value()));
  }
  const uint8_t* key = epoch.key.bytes().data();
  joinery_cookie_epoch made{};
  joinery_cookie_init(&made, LoadAsIs<uint64_t>(key), LoadAsIs<uint64_t>(key + 8),
                      static_cast<uint32_t>(epoch.serial.value()), id_bits);
  TimestampCookie cookie(made);
  crypto::Wipe(made);
  return cookie;
}

TimestampCookie::~TimestampCookie() { crypto::Wipe(epoch_); }

uint64_t TimestampCookie::Hash(CookieFlow flow) const noexcept {
  const uint8_t* p = flow.data();
  if (flow.size() == kIpv4Flow) {
    return joinery_cookie_hash4(&epoch_, LoadAsIs<uint32_t>(p), LoadAsIs<uint32_t>(p + 4),
                                LoadAsIs<uint32_t>(p + 8));
  }
  if (flow.size() != kIpv6Flow) return 0;
  return joinery_cookie_hash6(&epoch_, LoadAsIs<uint64_t>(p), LoadAsIs<uint64_t>(p + 8),
                              LoadAsIs<uint64_t>(p + 16), LoadAsIs<uint64_t>(p + 24),
                              LoadAsIs<uint32_t>(p + 32));
}

}  // namespace joinery::tokenmap
