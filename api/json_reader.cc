#include "api/json_reader.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/schema.h"
#include "crypto/wipe.h"
#include "settings/name.h"

namespace joinery::api {
namespace {

namespace json = boost::json;

constexpr size_t kMaxDepth = 16;
constexpr size_t kMaxQuoted = 40;  // bytes of a wrong text that its error shows

// The heap, but what comes back is wiped. Boost.JSON may name another alignment when it gives back
// than when it took; none is above the heap's own, so neither is passed on.
class WipingMemory final : public json::memory_resource {
 private:
  void* do_allocate(size_t size, size_t) override { return ::operator new(size); }
  void do_deallocate(void* bytes, size_t size, size_t) override {
    crypto::Wipe(bytes, size);
    ::operator delete(bytes);
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

int HexDigit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, kMaxQuoted)) {
    const bool printable = c >= ' ' && c <= '~';
    quoted += printable ? c : '?';
  }
  return quoted + (text.size() > kMaxQuoted ? "...\"" : "\"");
}

}  // namespace

JsonValue JsonValue::operator[](std::string_view name) const {
  const json::object* object = value_ == nullptr ? nullptr : value_->if_object();
  if (object == nullptr) {
    Expect("an object");
    return {nullptr, *this, name, 0};
  }
  return {object->if_contains(name), *this, name, 0};
}

bool JsonValue::HasValue() const noexcept { return value_ != nullptr && !value_->is_null(); }

uint64_t JsonValue::ReadInteger(uint64_t min, uint64_t max) const {
  if (value_ != nullptr) {
    uint64_t number = 0;
    const bool whole = value_->is_uint64() || (value_->is_int64() && value_->get_int64() >= 0);
    if (whole) {
      number =
          value_->is_uint64() ? value_->get_uint64() : static_cast<uint64_t>(value_->get_int64());
    }
    if (whole && number >= min && number <= max) return number;
  }
  Expect(fmt::format("an integer of {}..{}", min, max));
  return min;
}

bool JsonValue::Bool() const {
  if (value_ != nullptr && value_->is_bool()) return value_->get_bool();
  Expect("true or false");
  return false;
}

std::string JsonValue::Text(size_t max_bytes) const {
  const json::string* text = value_ == nullptr ? nullptr : value_->if_string();
  if (text != nullptr && text->size() <= max_bytes) return {text->data(), text->size()};
  Expect(fmt::format("a text of at most {} bytes", max_bytes));
  return {};
}

std::string JsonValue::Name() const {
  const json::string* text = value_ == nullptr ? nullptr : value_->if_string();
  if (text != nullptr && settings::IsName({text->data(), text->size()})) {
    return {text->data(), text->size()};
  }
  Expect(settings::NameRule());
  return {};
}

IpAddress JsonValue::Address() const {
  const json::string* text = value_ == nullptr ? nullptr : value_->if_string();
  const auto address =
      text == nullptr ? std::nullopt : IpAddress::Parse({text->data(), text->size()});
  if (address) return *address;
  Expect("an IPv4 or IPv6 address");
  return {};
}

void JsonValue::ReadHex(std::span<uint8_t> out) const {
  const json::string* text = value_ == nullptr ? nullptr : value_->if_string();
  bool good = text != nullptr && text->size() == 2 * out.size();
  for (size_t i = 0; good && i < out.size(); ++i) {
    const int high = HexDigit((*text)[2 * i]);
    const int low = HexDigit((*text)[2 * i + 1]);
    good = high >= 0 && low >= 0;
    if (good) out[i] = static_cast<uint8_t>(high << 4 | low);
  }
  // Never quoted: it may be a key with one digit too few.
  if (!good) Refuse(fmt::format("expected {} hexadecimal digits", 2 * out.size()));
}

crypto::Key128 JsonValue::Key() const {
  crypto::Key128::Bytes bytes{};
  ReadHex(bytes);
  crypto::Key128 key(bytes);
  crypto::Wipe(bytes);
  return key;
}

Digest JsonValue::Sha256() const {
  Digest digest{};
  ReadHex(digest);
  return digest;
}

size_t JsonValue::ReadWord(std::span<const std::string_view> words) const {
  const json::string* text = value_ == nullptr ? nullptr : value_->if_string();
  if (text != nullptr) {
    const auto found = std::ranges::find(words, std::string_view(text->data(), text->size()));
    if (found != words.end()) return static_cast<size_t>(found - words.begin());
  }
  Expect(fmt::format("one of {}", fmt::join(words, ", ")));
  return 0;
}

void JsonValue::Each(size_t max, const std::function<void(const JsonValue&)>& read) const {
  const json::array* array = value_ == nullptr ? nullptr : value_->if_array();
  if (array == nullptr || array->size() > max) {
    if (array == nullptr) {
      Expect(fmt::format("a list of at most {}", max));
    } else {
      Refuse(fmt::format("{} elements; expected at most {}", array->size(), max));
    }
    return;
  }
  for (size_t i = 0; i < array->size() && !failed(); ++i) {
    read(JsonValue(&(*array)[i], *this, {}, i));
  }
}

std::string JsonValue::Path() const {
  if (parent_ == nullptr) return {};
  std::string path = parent_->Path();
  if (name_.empty()) return path + fmt::format("[{}]", index_);
  if (!path.empty()) path += '.';
  return path.append(name_);
}

std::string JsonValue::Found() const {
  if (value_ == nullptr) return "missing";
  if (value_->is_object()) return "an object";
  if (value_->is_array()) return "a list";
  if (const json::string* text = value_->if_string()) return Quoted({text->data(), text->size()});
  return json::serialize(*value_).substr(0, kMaxQuoted);
}

void JsonValue::Expect(std::string_view what) const {
  Refuse(fmt::format("{}; expected {}", Found(), what));
}

void JsonValue::Refuse(std::string_view why) const {
  if (failed()) return;
  const std::string path = Path();
  report_->error = path.empty() ? std::string(why) : fmt::format("{}: {}", path, why);
}

Expected<void> ReadJson(std::string_view text, const std::function<void(const JsonValue&)>& read) {
  WipingMemory memory;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::stream_parser parser(json::storage_ptr(&memory), options);
  parser.reset(json::storage_ptr(&memory));
  json::error_code error;
  const size_t taken = parser.write_some(text.data(), text.size(), error);
  if (!error && taken < text.size()) error = json::error::extra_data;
  if (!error) parser.finish(error);
  if (error) return Fail(fmt::format("not JSON: {} at byte {}", error.message(), taken));
  const json::value document = parser.release();

  JsonValue::Report report;
  const JsonValue root(&document, report);
  static_cast<void>(root["schema"].Integer<uint32_t>(kOldestSchema, kSchema));
  if (!root.failed()) read(root);
  if (root.failed()) return Fail(std::move(report.error));
  return {};
}

}  // namespace joinery::api
