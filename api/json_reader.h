// Reads a JSON message member by member (Boost.JSON behind it). Every reading function is total: it
// notes the first thing that is wrong, with its path, and gives a harmless value, so that a codec
// is one straight list of members. Memory of the document is wiped when it goes, for it may hold
// keys, which no error quotes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "api/position.h"
#include "base/expected.h"
#include "base/ip_address.h"
#include "crypto/key128.h"
#include "settings/words.h"

namespace boost::json {
class value;
}

namespace joinery::api {

// A value in the document, or the lack of one; borrows the document and its parent.
class JsonValue {
 public:
  // Where errors go: the first one stays.
  struct Report {
    std::string error{};
  };

  JsonValue(const boost::json::value* value, Report& report) noexcept
      : value_(value), report_(&report) {}

  // A member. What is missing, or of something that is no object, is refused when it is read.
  [[nodiscard]] JsonValue operator[](std::string_view name) const;
  // Present and not null.
  [[nodiscard]] bool HasValue() const noexcept;

  template <typename T>
  [[nodiscard]] T Integer(T min = 0, T max = std::numeric_limits<T>::max()) const {
    return static_cast<T>(ReadInteger(static_cast<uint64_t>(min), static_cast<uint64_t>(max)));
  }
  [[nodiscard]] bool Bool() const;
  [[nodiscard]] std::string Text(size_t max_bytes) const;  // UTF-8
  [[nodiscard]] std::string Name() const;                  // settings/name.h
  [[nodiscard]] IpAddress Address() const;
  [[nodiscard]] crypto::Key128 Key() const;  // 32 hexadecimal digits
  [[nodiscard]] Digest Sha256() const;       // 64 hexadecimal digits
  template <typename Enum>
  [[nodiscard]] Enum Word() const {
    return static_cast<Enum>(ReadWord(settings::WordsOf<Enum>()));
  }
  // Each element of an array of at most `max` elements, in turn.
  void Each(size_t max, const std::function<void(const JsonValue&)>& read) const;

  // Notes that this value breaks a rule over several values.
  void Refuse(std::string_view why) const;
  [[nodiscard]] bool failed() const noexcept { return !report_->error.empty(); }

 private:
  JsonValue(const boost::json::value* value, const JsonValue& parent, std::string_view name,
            size_t index) noexcept
      : value_(value), report_(parent.report_), parent_(&parent), name_(name), index_(index) {}

  [[nodiscard]] uint64_t ReadInteger(uint64_t min, uint64_t max) const;
  [[nodiscard]] size_t ReadWord(std::span<const std::string_view> words) const;
  void ReadHex(std::span<uint8_t> out) const;
  [[nodiscard]] std::string Path() const;
  // What stands there, short and fit for a terminal.
  [[nodiscard]] std::string Found() const;
  void Expect(std::string_view what) const;

  const boost::json::value* value_;
  Report* report_;
  const JsonValue* parent_ = nullptr;
  std::string_view name_{};  // in an object
  size_t index_ = 0;         // in an array
};

// The message's object, given to `read` once text, depth and schema are right.
[[nodiscard]] Expected<void> ReadJson(std::string_view text,
                                      const std::function<void(const JsonValue&)>& read);

// ReadJson for a codec that is a function from the object to its value.
template <typename T>
[[nodiscard]] Expected<T> ReadMessage(std::string_view text, T (*read)(const JsonValue&)) {
  T message;
  const auto done = ReadJson(text, [&](const JsonValue& value) { message = read(value); });
  if (!done) return unexpected(done.error());
  return message;
}

}  // namespace joinery::api
