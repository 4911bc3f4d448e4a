// The option lists of opening SYNs that are common enough to be known by sight: kinds and lengths
// at their places decide the whole walk, so comparing those bytes is as exact as walking
// (wire/tcp_option.h). Orders as the stacks send them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace joinery::steer::avx512 {

// A register's worth: the option list with zeros behind it. Longer lists are left to the walk.
struct alignas(32) SynTemplate {
  static constexpr size_t kMaxLength = 32;

  std::array<uint8_t, kMaxLength> bytes{};
  std::array<uint8_t, kMaxLength> mask{};  // which bits of `bytes` matter
  uint8_t length = 0;                      // of the list
  uint8_t token_at = 0;                    // of MP_JOIN's receiver's token in it; 0: no MP_JOIN
  bool timestamps = false;                 // the list has them
};

namespace internal {

// A byte of a list: one that must be there, or any.
struct Byte {
  uint8_t value;
  uint8_t mask;
};

// Walks the list as RFC 9293 section 3.1 says.
constexpr bool HasTimestamps(const SynTemplate& t) {
  constexpr uint8_t kEol = 0, kNop = 1, kTimestamps = 8;
  for (size_t at = 0; at < t.length && t.bytes[at] != kEol;) {
    if (t.bytes[at] == kTimestamps) return true;
    at += t.bytes[at] == kNop ? 1 : t.bytes[at + 1];
  }
  return false;
}

constexpr SynTemplate Template(std::initializer_list<Byte> list, uint8_t token_at = 0) {
  SynTemplate t;
  size_t at = 0;
  for (const Byte& byte : list) {
    t.bytes[at] = byte.value;
    t.mask[at] = byte.mask;
    ++at;
  }
  t.length = static_cast<uint8_t>(at);
  t.token_at = token_at;
  t.timestamps = HasTimestamps(t);
  return t;
}

constexpr Byte Is(uint8_t value) { return {value, 0xff}; }
inline constexpr Byte kAny{0, 0};
inline constexpr Byte kNop = Is(1);
inline constexpr Byte kEnd = Is(0);

// clang-format off
#define JOINERY_MSS Is(2), Is(4), kAny, kAny
#define JOINERY_SACK_PERMITTED Is(4), Is(2)
#define JOINERY_TIMESTAMPS \
  Is(8), Is(10), kAny, kAny, kAny, kAny, kAny, kAny, kAny, kAny
#define JOINERY_WINDOW_SCALE Is(3), Is(3), kAny
// RFC 8684 section 3.1: version 1, algorithm H; A and C may be set, B (0x40) may not.
#define JOINERY_MP_CAPABLE Is(30), Is(4), Is(0x01), Byte{0x01, 0x5f}
// RFC 8684 section 3.2: subtype 1, backup bit, address ID, receiver's token, sender's random.
#define JOINERY_MP_JOIN \
  Is(30), Is(12), Byte{0x10, 0xf0}, kAny, kAny, kAny, kAny, kAny, kAny, kAny, kAny, kAny

inline constexpr std::array kKnownSyns = {
    // Linux
    Template({JOINERY_MSS, JOINERY_SACK_PERMITTED, JOINERY_TIMESTAMPS, kNop, JOINERY_WINDOW_SCALE}),
    Template({JOINERY_MSS, JOINERY_SACK_PERMITTED, JOINERY_TIMESTAMPS, kNop, JOINERY_WINDOW_SCALE,
              JOINERY_MP_CAPABLE}),
    Template({JOINERY_MSS, JOINERY_SACK_PERMITTED, JOINERY_TIMESTAMPS, kNop, JOINERY_WINDOW_SCALE,
              JOINERY_MP_JOIN}, 24),
    // Linux without timestamps
    Template({JOINERY_MSS, kNop, kNop, JOINERY_SACK_PERMITTED, kNop, JOINERY_WINDOW_SCALE}),
    // macOS, iOS
    Template({JOINERY_MSS, kNop, JOINERY_WINDOW_SCALE, kNop, kNop, JOINERY_TIMESTAMPS,
              JOINERY_SACK_PERMITTED, kEnd, kAny}),
    // Windows
    Template({JOINERY_MSS, kNop, JOINERY_WINDOW_SCALE, kNop, kNop, JOINERY_SACK_PERMITTED}),
    // scanners and flood tools
    Template({JOINERY_MSS}),
    Template({}),
};
// clang-format on

#undef JOINERY_MSS
#undef JOINERY_SACK_PERMITTED
#undef JOINERY_TIMESTAMPS
#undef JOINERY_WINDOW_SCALE
#undef JOINERY_MP_CAPABLE
#undef JOINERY_MP_JOIN

}  // namespace internal

// The templates of one length: two, or one twice, or none.
struct SynTemplates {
  bool any = false;
  std::array<SynTemplate, 2> either{};
};

// By the length of the list in words of four bytes: a TCP header has room for ten.
inline constexpr auto kSynTemplates = [] {
  std::array<SynTemplates, 11> by_length{};
  for (const SynTemplate& known : internal::kKnownSyns) {
    SynTemplates& templates = by_length[known.length / 4];
    templates.either[1] = known;
    if (!templates.any) templates.either[0] = known;
    templates.any = true;
  }
  return by_length;
}();

}  // namespace joinery::steer::avx512
