#include "settings/quote.h"

#include <fmt/format.h>

namespace joinery::settings {

std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char c : text.substr(0, kMaxQuotedBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      escaped += '\\';
      escaped += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      escaped += fmt::format("\\x{:02x}", byte);
    } else {
      escaped += c;
    }
  }
  if (text.size() > kMaxQuotedBytes) escaped += "...";
  return escaped;
}

std::string Quote(std::string_view text) { return "\"" + Escape(text) + "\""; }

}  // namespace joinery::settings
