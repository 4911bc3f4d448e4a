// Reading list: RFC 791 section 3.1, RFC 8200 section 3, RFC 9293 section 3.1; wire/packet_view.cc
// is the whole parser. Here is only the plainest packet of each family, recognised by comparing a
// few bytes with a template; whatever differs is left to that parser.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/big_endian.h"
#include "lb/steer/avx512/lanes.h"
#include "lb/steer/avx512/syn_templates.h"
#include "lb/steer/avx512/target.h"
#include "wire/dss.h"
#include "wire/tcp_option.h"

namespace joinery::steer::avx512 {
inline namespace JOINERY_LANES {
namespace {

constexpr size_t kEtherType = 12;
constexpr size_t kIp = 14;
constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;
constexpr size_t kTcpFixed = 20;
constexpr uint8_t kSyn = 0x02;
constexpr uint8_t kAck = 0x10;

// What 16 bytes of a frame, from its ethertype on, must be like.
struct alignas(16) HeadTemplate {
  std::array<uint8_t, 16> bytes{};
  std::array<uint8_t, 16> mask{};

  constexpr void Want(size_t at_in_frame, uint8_t value, uint8_t bits = 0xff) {
    bytes[at_in_frame - kEtherType] = value;
    mask[at_in_frame - kEtherType] = bits;
  }
};

// Version 4, header of 20 bytes, no fragment (MF and offset), TCP.
constexpr HeadTemplate kIpv4Head = [] {
  HeadTemplate t;
  t.Want(kEtherType, 0x08);
  t.Want(kEtherType + 1, 0x00);
  t.Want(kIp, 0x45);
  t.Want(kIp + 6, 0, 0x3f);
  t.Want(kIp + 7, 0);
  t.Want(kIp + 9, 6);
  return t;
}();

// Version 6, TCP right behind the fixed header.
constexpr HeadTemplate kIpv6Head = [] {
  HeadTemplate t;
  t.Want(kEtherType, 0x86);
  t.Want(kEtherType + 1, 0xdd);
  t.Want(kIp, 0x60, 0xf0);
  t.Want(kIp + 6, 6);
  return t;
}();

template <typename T>
[[nodiscard]] inline T LoadAsIs(const uint8_t* p) noexcept {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// Of ternary logic, the truth table of (bytes ^ template) & mask.
constexpr int kXorThenAnd = 0x28;

// Whether bytes equal the template where its mask says so. Reads 16 bytes of the frame.
JOINERY_AVX512 [[nodiscard]] inline bool HasHead(const uint8_t* frame,
                                                 const HeadTemplate& t) noexcept {
  const auto load = [](const uint8_t* p) { return reinterpret_cast<const __m128i*>(p); };
  const __m128i different = _mm_ternarylogic_epi64(
      _mm_loadu_si128(load(frame + kEtherType)), _mm_load_si128(load(t.bytes.data())),
      _mm_load_si128(load(t.mask.data())), kXorThenAnd);
  return _mm_testz_si128(different, different) != 0;
}

JOINERY_AVX512 [[nodiscard]] inline bool Matches(__m256i list, const SynTemplate& t) noexcept {
  const auto load = [](const uint8_t* p) { return reinterpret_cast<const __m256i*>(p); };
  const __m256i different =
      _mm256_ternarylogic_epi64(list, _mm256_load_si256(load(t.bytes.data())),
                                _mm256_load_si256(load(t.mask.data())), kXorThenAnd);
  return _mm256_testz_si256(different, different) != 0;
}

// What the rest of ParseLane needs to know of an IP header.
struct Segment {
  const uint8_t* tcp;
  size_t ip_header;
  size_t ip_length;
  uint8_t ttl;
  ServiceKey service;
};

JOINERY_AVX512 [[nodiscard]] inline bool ReadIpv4(const uint8_t* p, size_t i, Lanes& lanes,
                                                  Segment& out) noexcept {
  const uint8_t* ip = p + kIp;
  const uint8_t* tcp = ip + kIpv4Header;
  if (!HasHead(p, kIpv4Head)) return false;
  const auto ports = LoadAsIs<uint32_t>(tcp);
  lanes.words[0][i] = LoadAsIs<uint64_t>(ip + 12);  // both addresses
  lanes.words[1][i] = uint64_t{ports} | uint64_t{12} << 56;
  out = {.tcp = tcp,
         .ip_header = kIpv4Header,
         .ip_length = LoadBe16(ip + 2),
         .ttl = ip[8],
         .service = {.address_front = LoadAsIs<uint32_t>(ip + 16),
                     .address_back = 0,
                     .port = 4U << 16 | ports >> 16}};
  return true;
}

JOINERY_AVX512 [[nodiscard]] inline bool ReadIpv6(const uint8_t* p, size_t length, size_t i,
                                                  Lanes& lanes, Segment& out) noexcept {
  if (length < kIp + kIpv6Header + kTcpFixed) return false;
  const uint8_t* ip = p + kIp;
  const uint8_t* tcp = ip + kIpv6Header;
  if (!HasHead(p, kIpv6Head)) return false;
  const auto ports = LoadAsIs<uint32_t>(tcp);
  for (size_t w = 0; w < 4; ++w) lanes.words[w][i] = LoadAsIs<uint64_t>(ip + 8 + 8 * w);
  lanes.words[4][i] = uint64_t{ports} | uint64_t{36} << 56;
  out = {.tcp = tcp,
         .ip_header = kIpv6Header,
         .ip_length = kIpv6Header + size_t{LoadBe16(ip + 4)},
         .ttl = ip[7],
         .service = {.address_front = lanes.words[2][i],
                     .address_back = lanes.words[3][i],
                     .port = 6U << 16 | ports >> 16}};
  return true;
}

// Timestamps as every stack pads them, at the front of the options.
constexpr size_t kTimestamps = 12;
constexpr size_t kEchoReply = 8;  // in them
[[nodiscard]] inline bool HasTimestamps(const uint8_t* tcp, size_t options) noexcept {
  constexpr uint32_t kNopNopTimestamps = 0x0a080101;  // 1, 1, 8, 10 as they lie
  return options >= kTimestamps && LoadAsIs<uint32_t>(tcp + kTcpFixed) == kNopNopTimestamps;
}

// Whether this is no more than padding, SACK blocks and one well-formed DSS: what segments of data
// carry beside timestamps. None of it names a backend, and none of it earns a note.
[[nodiscard]] bool NamesNobody(std::span<const uint8_t> options) noexcept {
  constexpr uint8_t kNop = 1, kSack = 5;
  bool dss = false;
  while (!options.empty()) {
    if (options[0] == kNop) {
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) return false;
    const auto option = options.first(options[1]);
    if (option[0] == wire::kOptionMptcp) {
      if (dss || !wire::Dss::Parse(option)) return false;
      dss = true;
    } else if (option[0] != kSack) {
      return false;
    }
    options = options.subspan(option.size());
  }
  return true;
}

// Whether a live epoch may have made the timestamp that is echoed; if so its keys replace the
// pool's.
[[nodiscard]] inline bool ReadEcho(const CookiePool& pool, const uint8_t* tcp, size_t i,
                                   Lanes& lanes) noexcept {
  if ((tcp[13] & kAck) == 0) return false;
  const uint32_t echoed = LoadBe32(tcp + kTcpFixed + kEchoReply);
  const uint32_t residue = joinery_cookie_residue(pool.code_bits, echoed);
  const joinery_cookie_epoch* epoch = pool.epochs[residue];
  if (epoch == nullptr) return false;
  lanes.key0[i] = epoch->key[0];
  lanes.key1[i] = epoch->key[1];
  lanes.rounds[i] = epoch->rounds;
  lanes.codes[i] = echoed & ((uint32_t{1} << pool.code_bits) - 1);
  lanes.code_bits[i] = pool.code_bits;
  lanes.residues[i] = static_cast<uint8_t>(residue);
  lanes.cookie |= Mask{1} << i;
  return true;
}

// A segment without SYN. False: the scalar engine's.
[[nodiscard]] inline bool ReadData(const FastPath& fast_path, const Service& service,
                                   const uint8_t* tcp, size_t options, size_t i,
                                   Lanes& lanes) noexcept {
  const size_t timestamps = HasTimestamps(tcp, options) ? kTimestamps : 0;
  if (options != timestamps && !NamesNobody({tcp + kTcpFixed + timestamps, options - timestamps})) {
    return false;
  }
  if (timestamps == 0 || !service.cookies) return true;
  return ReadEcho(fast_path.CookieOf(service.pool), tcp, i, lanes);
}

// The template of a SYN that opens with an option list known by sight; null for any other segment.
JOINERY_AVX512 [[nodiscard]] inline const SynTemplate* FindSyn(const uint8_t* tcp,
                                                               size_t options) noexcept {
  if ((tcp[13] & (kSyn | kAck)) != kSyn) return nullptr;
  const SynTemplates& templates = kSynTemplates[options / 4];
  if (!templates.any) return nullptr;
  const auto in_list = static_cast<__mmask32>((uint64_t{1} << options) - 1);
  const __m256i list = _mm256_maskz_loadu_epi8(in_list, tcp + kTcpFixed);  // reads no others
  const bool first = Matches(list, templates.either[0]);
  const bool second = Matches(list, templates.either[1]);
  if (!first && !second) return nullptr;
  return &templates.either[first ? 0 : 1];
}

JOINERY_AVX512 inline void ParseLane(const FastPath& fast_path, std::span<const uint8_t> frame,
                                     size_t i, Lanes& lanes) noexcept {
  const Mask bit = Mask{1} << i;
  if (frame.size() < kIp + kIpv4Header + kTcpFixed) return;
  const uint8_t* p = frame.data();
  const bool ipv6 = p[kEtherType] == 0x86;
  Segment segment;
  if (ipv6 ? !ReadIpv6(p, frame.size(), i, lanes, segment) : !ReadIpv4(p, i, lanes, segment)) {
    return;
  }
  const size_t tcp_header = static_cast<size_t>(segment.tcp[12] >> 4) * 4;
  const bool whole = tcp_header >= kTcpFixed &&
                     segment.ip_header + tcp_header <= segment.ip_length &&
                     segment.ip_length <= frame.size() - kIp;
  if (!whole || segment.ttl <= 1 || segment.ip_length > fast_path.smallest_mtu()) return;
  const Service* service = fast_path.Find(segment.service);
  if (service == nullptr) return;
  lanes.key0[i] = service->secret[0];
  lanes.key1[i] = service->secret[1];
  const size_t options = tcp_header - kTcpFixed;
  if ((segment.tcp[13] & kSyn) == 0) {
    if (!ReadData(fast_path, *service, segment.tcp, options, i, lanes)) return;
  } else {
    const SynTemplate* known = FindSyn(segment.tcp, options);
    if (known == nullptr) return;
    if (known->token_at != 0) {
      if (!service->decodes) return;
      lanes.tokens[i] = Token(LoadBe32(segment.tcp + kTcpFixed + known->token_at));
      lanes.join |= bit;
    }
    if (known->timestamps && known->token_at == 0 && service->cookies) lanes.echo |= bit;
    lanes.syn |= bit;
  }
  lanes.fast |= bit;
  lanes.ipv6 |= ipv6 ? bit : 0;
  lanes.services[i] = service;
  lanes.pools[i] = service->pool;
  lanes.ip_lengths[i] = static_cast<uint16_t>(segment.ip_length);
}

}  // namespace

JOINERY_AVX512 void ParseLanes(const FastPath& fast_path,
                               std::span<const std::span<const uint8_t>> frames,
                               Lanes& lanes) noexcept {
  lanes.fast = lanes.ipv6 = lanes.syn = lanes.join = lanes.echo = lanes.cookie = 0;
  for (size_t i = 0; i < frames.size(); ++i) ParseLane(fast_path, frames[i], i, lanes);
}

}  // namespace JOINERY_LANES
}  // namespace joinery::steer::avx512
