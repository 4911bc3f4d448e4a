#include "api/json_writer.h"

#include <utility>

#include <fmt/format.h>

#include "crypto/wipe.h"

namespace joinery::api {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr char kDigits[] = "0123456789abcdef";

constexpr bool IsContinuation(char c) noexcept { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// RFC 3629 section 4: which second byte the first one allows.
constexpr bool IsSecond(uint8_t first, uint8_t second) noexcept {
  switch (first) {
    case 0xe0:
      return second >= 0xa0 && second <= 0xbf;
    case 0xed:
      return second >= 0x80 && second <= 0x9f;
    case 0xf0:
      return second >= 0x90 && second <= 0xbf;
    case 0xf4:
      return second >= 0x80 && second <= 0x8f;
    default:
      return second >= 0x80 && second <= 0xbf;
  }
}

}  // namespace

size_t Utf8Length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < length || !IsSecond(first, static_cast<uint8_t>(text[1]))) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  return length;
}

JsonWriter::~JsonWriter() { crypto::Wipe(text_.data(), text_.size()); }

void JsonWriter::Append(std::string_view text) {
  if (text_.size() + text.size() > text_.capacity()) {
    std::string larger;
    larger.reserve(2 * (text_.size() + text.size()) + 256);
    larger.append(text_);
    text_.swap(larger);
    crypto::Wipe(larger.data(), larger.size());
  }
  text_.append(text);
}

void JsonWriter::BeforeValue() {
  if (comma_) Append(",");
  comma_ = true;
}

JsonWriter& JsonWriter::Member(std::string_view name) {
  String(name);
  Append(":");
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::BeginObject() {
  BeforeValue();
  Append("{");
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  Append("}");
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  BeforeValue();
  Append("[");
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  Append("]");
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  BeforeValue();
  Append("\"");
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const char c = text[0];
    if (length == 0) {
      Append(kReplacement);
    } else if (c == '"' || c == '\\') {
      Append(c == '"' ? "\\\"" : "\\\\");
    } else if (static_cast<uint8_t>(c) < 0x20) {
      Append(fmt::format("\\u{:04x}", static_cast<uint8_t>(c)));
    } else {
      Append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  Append("\"");
  return *this;
}

JsonWriter& JsonWriter::Integer(uint64_t number) {
  BeforeValue();
  Append(fmt::format_int(number).c_str());
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  BeforeValue();
  Append(value ? "true" : "false");
  return *this;
}

JsonWriter& JsonWriter::Null() {
  BeforeValue();
  Append("null");
  return *this;
}

JsonWriter& JsonWriter::Hex(std::span<const uint8_t> bytes) {
  BeforeValue();
  Append("\"");
  for (const uint8_t byte : bytes) {
    const char pair[] = {kDigits[byte >> 4], kDigits[byte & 0xf]};
    Append({pair, 2});
  }
  Append("\"");
  return *this;
}

std::string JsonWriter::Take() {
  comma_ = false;
  return std::exchange(text_, {});
}

}  // namespace joinery::api
