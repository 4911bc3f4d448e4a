// What an agent must not forget when it or its machine restarts: where it is in the sequence of
// views (docs/protocol.md section 3, I8), what each codepoint stood for (I2), and what the encoder
// was told after control had confirmed it (I9). Holds no scheme key, only hashes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/balancer_view.h"
#include "api/position.h"
#include "base/expected.h"
#include "base/ids.h"
#include "crypto/key128.h"

namespace joinery::agent {

// SHA-256 of a generation's key: tells keys apart without being one.
using KeyHash = std::array<uint8_t, 32>;
[[nodiscard]] KeyHash HashOf(const crypto::Key128& key) noexcept;

// The greatest serial that a codepoint has stood for here, and under which key. A generation that
// was only ever seen while it was draining has no known key.
struct ToldGeneration {
  Codepoint codepoint;
  Serial serial;
  std::optional<KeyHash> key;

  friend bool operator==(const ToldGeneration&, const ToldGeneration&) = default;
};

// Control has confirmed to this incarnation of the encoder that it may encode under this serial.
// `before` was confirmed to it before that: what it still encodes if it could not be told since.
struct Confirmed {
  uint64_t incarnation = 0;
  Serial serial;
  std::optional<Serial> before{};

  friend bool operator==(const Confirmed&, const Confirmed&) noexcept = default;
};

struct Record {
  api::Stamp view;  // the last one accepted; {0, 0}: none yet
  PoolId pool_id;
  BackendId id;
  // So that tokens and connections are counted before control has said it again.
  uint8_t generation_bits = 0;  // r; 0: no view yet
  std::vector<api::ServedVip> vips;
  std::vector<ToldGeneration> told;  // one for each codepoint, in their order
  std::optional<Confirmed> confirmed;

  [[nodiscard]] const ToldGeneration* Told(Codepoint codepoint) const noexcept;
  friend bool operator==(const Record&, const Record&) = default;
};

// The form on disk: one JSON object, versioned by its member "format".
[[nodiscard]] std::string ToJson(const Record& record);
// Takes nothing for granted: a record that is not whole is refused, since what it forgot would be
// accepted again.
[[nodiscard]] Expected<Record> ParseRecord(std::string_view text);

}  // namespace joinery::agent
