// Writes JSON (RFC 8259) in one pass, without spaces: the caller says what comes next and closes
// what it opened. The same calls always give the same bytes. What it holds may be keys: memory that
// it lets go is wiped.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace joinery::api {

class JsonWriter {
 public:
  JsonWriter() = default;
  ~JsonWriter();
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  // Of an object's member: its name, then one value or one structure.
  JsonWriter& Member(std::string_view name);

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();

  // Bytes that are not UTF-8 become U+FFFD, so that any reader takes it.
  JsonWriter& String(std::string_view text);
  JsonWriter& Integer(uint64_t number);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  JsonWriter& Hex(std::span<const uint8_t> bytes);

  // The text; the writer is empty again.
  [[nodiscard]] std::string Take();

 private:
  void BeforeValue();
  void Append(std::string_view text);

  std::string text_;
  bool comma_ = false;  // something stands before what comes next
};

// The number of bytes at the start of `text` that are one character of UTF-8 (RFC 3629); 0: none.
[[nodiscard]] size_t Utf8Length(std::string_view text) noexcept;

}  // namespace joinery::api
