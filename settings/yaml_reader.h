// Typed access to a YAML tree under the table of keys (keys.h). Whatever is wrong is reported with
// its place and path, and reading goes on: the caller gets nothing for that value and need not
// care.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/ip_address.h"
#include "base/port_range.h"
#include "settings/errors.h"
#include "settings/keys.h"
#include "settings/words.h"
#include "settings/yaml_tree.h"

namespace joinery::settings {

// "a list", "empty", or a scalar's text in quotes.
[[nodiscard]] std::string Describe(const YamlNode& node);
// "expected whole number: 1280..9216"
[[nodiscard]] std::string Wanted(const Key& key);

// The value of one key, or one element of its list. Every reading reports what is wrong and gives
// nothing then.
class ValueReader {
 public:
  // `key` and `errors` outlive the reader.
  ValueReader(YamlNode::Ptr node, std::string path, const Key& key, Errors& errors)
      : node_(std::move(node)), path_(std::move(path)), key_(&key), errors_(&errors) {}

  [[nodiscard]] Position at() const noexcept { return node_->at; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const YamlNode::Ptr& node() const noexcept { return node_; }
  // As written, for a diagnostic: numbers as they are, the rest in quotes.
  [[nodiscard]] std::string Shown() const;

  // Decimal digits only, within the key's range.
  [[nodiscard]] std::optional<int64_t> Number() const;
  // Index into the key's words.
  [[nodiscard]] std::optional<size_t> Word() const;
  [[nodiscard]] std::optional<std::string> Name() const;
  [[nodiscard]] std::optional<std::string> Text() const;
  // An address that a host can have (host_address.h).
  [[nodiscard]] std::optional<IpAddress> Address() const;
  [[nodiscard]] std::optional<IpPrefix> Prefix() const;
  [[nodiscard]] std::optional<Endpoint> AddressAndPort() const;
  // "443" or "8000-8099", each end within the key's range.
  [[nodiscard]] std::optional<PortRange> Ports() const;
  // Whether it is this word. Reports nothing.
  [[nodiscard]] bool Is(std::string_view word) const noexcept {
    return node_->kind == YamlNode::Kind::kScalar && node_->text == word;
  }
  // The elements, at most the key's max_items.
  [[nodiscard]] std::vector<ValueReader> Items() const;

  // Reports about this value.
  void Fail(std::string message) const { errors_->Add(at(), path_, std::move(message)); }
  // `"x" is not a prime; allowed ...`: the value as written, what is wrong, what the key allows.
  void Refuse(std::string_view what) const;
  // Whether nothing was reported about it yet.
  [[nodiscard]] bool Valid() const noexcept { return !errors_->At(at()); }

 private:
  // The text of a scalar; reports anything else.
  [[nodiscard]] const std::string* Scalar() const;
  // The number that these decimal digits are; reports when it is out of the key's range.
  [[nodiscard]] std::optional<int64_t> InRange(std::string_view digits) const;

  YamlNode::Ptr node_;
  std::string path_;
  const Key* key_;
  Errors* errors_;
};

// A mapping under its section of the key table.
class MapReader {
 public:
  // Reports what is no mapping, unknown and repeated keys, and required ones that are missing.
  // `section` and `errors` outlive the reader.
  MapReader(YamlNode::Ptr node, std::string path, const Section& section, Errors& errors);

  // The value of the key; nothing when it is absent.
  [[nodiscard]] std::optional<ValueReader> Find(std::string_view key) const;

  // Each leaves `value` as it was, the default, when the key is absent or wrong.
  template <std::unsigned_integral T>
  void Number(std::string_view key, T& value) const {
    if (const auto found = Find(key)) {
      if (const auto number = found->Number()) value = static_cast<T>(*number);
    }
  }
  template <typename Enum>
  void Word(std::string_view key, Enum& value) const {
    if (const auto found = Find(key)) {
      if (const auto word = found->Word()) value = static_cast<Enum>(*word);
    }
  }
  void Name(std::string_view key, std::string& value) const;
  void Text(std::string_view key, std::string& value) const;
  void Address(std::string_view key, IpAddress& value) const;
  // The word `off` is no endpoint.
  void EndpointOrOff(std::string_view key, std::optional<Endpoint>& value) const;

  // The elements of a list; none when it is absent.
  [[nodiscard]] std::vector<ValueReader> Items(std::string_view key) const;
  // The mapping under the key; nothing when it is absent.
  [[nodiscard]] std::optional<MapReader> Sub(std::string_view key, const Section& section) const;
  // The elements of a list of sections; each is called by its index, or by its name if it has one:
  // "pools[web]".
  [[nodiscard]] std::vector<MapReader> Sections(std::string_view key, const Section& section) const;

  // Reports about the key's value, or about the mapping when the key is absent.
  void Fail(std::string_view key, std::string message) const;
  // Whether the key's value is there (or has a default) and nothing was reported about it.
  [[nodiscard]] bool Valid(std::string_view key) const;

  [[nodiscard]] bool IsMap() const noexcept { return node_->kind == YamlNode::Kind::kMap; }
  [[nodiscard]] Position At(std::string_view key) const;

 private:
  [[nodiscard]] const YamlNode::Entry* Entry(std::string_view key) const;
  [[nodiscard]] std::string PathOf(std::string_view key) const;
  void CheckKeys() const;

  YamlNode::Ptr node_;
  std::string path_;
  const Section* section_;
  Errors* errors_;
};

}  // namespace joinery::settings
