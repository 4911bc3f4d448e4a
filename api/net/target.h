// The target of a request (RFC 9112 section 3.2.1, origin form): path and query, percent-encoded
// (RFC 3986 section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace joinery::api {

struct Target {
  std::vector<std::string> segments;  // "/v1/pools/" has v1 and pools; decoded
  std::vector<std::pair<std::string, std::string>> query;
};

// nullopt: no leading slash, a bad escape, an empty segment before the last, a control character
// or a zero byte, "." or "..".
[[nodiscard]] std::optional<Target> ParseTarget(std::string_view text);

[[nodiscard]] std::optional<std::string> PercentDecode(std::string_view text);

// All but the unreserved characters of RFC 3986 section 2.3.
[[nodiscard]] std::string PercentEncode(std::string_view text);

}  // namespace joinery::api
