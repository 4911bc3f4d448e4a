// A token explained bit by bit, for people (docs/protocol.md section 2 is the format).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "base/ids.h"
#include "tools/token/pool_view.h"

namespace joinery::token {

// Lines of text: the bits on the wire, what they decrypt to, and where a join with this token goes.
// Never shows a key.
[[nodiscard]] std::string Explain(const PoolView& pool, Token token);

// A token as people write it: "0x4a912345", or "4a912345" as packet captures print it. At most
// eight hexadecimal digits.
[[nodiscard]] std::optional<Token> ParseToken(std::string_view text);

struct EncodeRequest {
  uint32_t id = 0;
  uint32_t nonce = 0;
  std::optional<unsigned> codepoint;  // none: the active generation, or the only one
};

[[nodiscard]] Expected<Token> Encode(const PoolView& pool, const EncodeRequest& request);

}  // namespace joinery::token
