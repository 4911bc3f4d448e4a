// SHA-256 over the exact bytes of a body, and its form in the header Content-Digest (RFC 9530
// section 2): `sha-256=:BASE64:`, a structured dictionary (RFC 8941) of which other members are
// ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/position.h"

namespace joinery::api {

[[nodiscard]] Digest DigestOf(std::string_view bytes);

[[nodiscard]] std::string ToContentDigest(const Digest& digest);

// nullopt: no member sha-256, or one that is not 32 bytes in canonical base64.
[[nodiscard]] std::optional<Digest> ParseContentDigest(std::string_view value);

}  // namespace joinery::api
