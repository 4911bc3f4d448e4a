// What a user-space stack and the agent of its host say to each other over a Unix stream socket:
// the stack leases ready tokens (explicit mode) or keys whose derived tokens name the backend, and
// gives them back (docs/protocol.md section 2). Scheme keys never pass here.
//
// A frame is its length (4 bytes, of what follows: 1..kMaxFrameBytes), a type (1 byte) and a body
// of the type's fields in their order. Integers are big endian. Either side closes on the first
// frame that it does not understand.
//
//   stack -> agent   kHello    magic (4) version (2) kind (1) zero (1) lease (8, 0: a new one)
//                    kHolds    last (1) zero (1) count (2) token (4) each
//                    kWant     count (2)
//                    kRelease  count (2) token (4) each
//   agent -> stack   kWelcome  lease (8) quota (4)
//                    kBlock    serial (8) kind (1) zero (1) count (2) then each: token (4), or
//                              key (8) token (4)
//                    kRefused  reason (1) zero (1) retry_ms (2) text (the rest, printable ASCII)
//                    kStale    serial (8): of the active generation; 0: there is none
//
// A connection begins with kHello. One that resumes a lease says with kHolds, in as many frames as
// it takes, the last one marked, what it still holds of it. Each kWant is answered by kBlock or
// kRefused. kStale comes whenever the generation changes: the stack releases what it has not used
// of other serials. A lease lives 120 s without a connection.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/expected.h"
#include "base/ids.h"

namespace joinery::tokenmap {

inline constexpr uint32_t kLeaseMagic = 0x4a544b4c;  // "JTKL"
inline constexpr uint16_t kLeaseVersion = 1;
inline constexpr uint16_t kMaxBlock = 1024;         // tokens or keys in one frame
inline constexpr size_t kMaxFrameBytes = 16 << 10;  // a block of keys takes 12 KiB
inline constexpr size_t kMaxRefusalText = 200;

enum class LeaseKind : uint8_t { kTokens = 1, kKeys = 2 };

enum class RefusalReason : uint8_t {
  kNotAllowed = 1,  // the peer's user is not on the list
  kNoScheme,        // nothing may be encoded now
  kDraining,        // the operator wants this backend empty
  kQuota,           // the peer holds as much as it may
  kCrowded,         // too few free nonces are left: use a derived token or plain TCP
  kTooMany,         // connections
  kUnknownLease,    // it has ended, or is another user's: begin a new one
  kProtocol,        // a frame that is not understood; the connection closes
};

// "not_allowed", "no_scheme", ...
[[nodiscard]] std::string_view Name(RefusalReason reason) noexcept;

struct Hello {
  LeaseKind kind = LeaseKind::kTokens;
  uint64_t lease = 0;
  friend bool operator==(const Hello&, const Hello&) = default;
};
struct Holds {
  bool last = false;
  std::vector<Token> tokens;
  friend bool operator==(const Holds&, const Holds&) = default;
};
struct Want {
  uint16_t count = 0;  // 1..kMaxBlock
  friend bool operator==(const Want&, const Want&) = default;
};
struct Release {
  std::vector<Token> tokens;
  friend bool operator==(const Release&, const Release&) = default;
};
struct Welcome {
  uint64_t lease = 0;
  uint32_t quota = 0;  // tokens and keys that all leases of the peer's user may hold at once
  friend bool operator==(const Welcome&, const Welcome&) = default;
};
struct Leased {
  uint64_t key = 0;  // of kKeys only; host order
  Token token;
  friend bool operator==(const Leased&, const Leased&) = default;
};
struct Block {
  Serial serial;
  LeaseKind kind = LeaseKind::kTokens;
  std::vector<Leased> items;
  friend bool operator==(const Block&, const Block&) = default;
};
struct Refused {
  RefusalReason reason = RefusalReason::kProtocol;
  uint16_t retry_ms = 0;  // 0: time does not mend it
  std::string text;
  friend bool operator==(const Refused&, const Refused&) = default;
};
struct Stale {
  Serial serial;
  friend bool operator==(const Stale&, const Stale&) = default;
};
using LeaseMessage = std::variant<Hello, Holds, Want, Release, Welcome, Block, Refused, Stale>;

// A whole frame. Lists are cut at kMaxBlock, texts at kMaxRefusalText.
[[nodiscard]] std::vector<uint8_t> EmitFrame(const LeaseMessage& message);

// A frame without its length. Every byte is checked: what ParseFrame takes, EmitFrame gives back.
[[nodiscard]] Expected<LeaseMessage> ParseFrame(std::span<const uint8_t> frame);

// "want 64", for logs; never a token or a key.
[[nodiscard]] std::string ToString(const LeaseMessage& message);

// Cuts a byte stream into frames. Holds at most one frame and what was read beyond it.
class FrameReader {
 public:
  // Appends what was read.
  void Add(std::span<const uint8_t> bytes);
  // The next whole frame without its length; nullopt: more is to be read first. An error: the
  // stream is beyond repair. The span is valid until the next call of Add or Next.
  [[nodiscard]] Expected<std::optional<std::span<const uint8_t>>> Next();

 private:
  std::vector<uint8_t> bytes_;
  size_t taken_ = 0;  // bytes of frames already given out
};

}  // namespace joinery::tokenmap
