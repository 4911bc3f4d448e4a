#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "settings/host_address.h"
#include "settings/key_words.h"
#include "settings/nearest.h"
#include "settings/quote.h"
#include "settings/yaml_reader.h"

namespace joinery::settings {
namespace {

using Kind = YamlNode::Kind;

// Decimal, as people write it: an optional minus, no other sign, no leading zeros.
bool IsNumber(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return false;
  return std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string Describe(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kEmpty:
      return "empty";
    case Kind::kScalar:
      return Quote(node.text);
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a mapping";
  }
  return "";
}

std::string Wanted(const Key& key) {
  if (key.max_items == 0) return fmt::format("expected {}: {}", key.type, Allowed(key));
  return fmt::format("expected {}: {}..{} of them{}{}", key.type, key.min_items, key.max_items,
                     key.words.empty() ? "" : ", or ", fmt::join(key.words, ", "));
}

std::string ValueReader::Shown() const {
  return IsNumber(node_->text) ? node_->text : Describe(*node_);
}

void ValueReader::Refuse(std::string_view what) const {
  Fail(fmt::format("{} is {}; allowed {}", Shown(), what, Allowed(*key_)));
}

const std::string* ValueReader::Scalar() const {
  if (node_->kind == Kind::kScalar) return &node_->text;
  Fail(fmt::format("{}; {}", Describe(*node_), Wanted(*key_)));
  return nullptr;
}

std::optional<int64_t> ValueReader::Number() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  if (!IsNumber(*text) || text->size() > kMaxTextBytes) {
    Refuse("not a whole number");
    return std::nullopt;
  }
  return InRange(*text);
}

std::optional<int64_t> ValueReader::InRange(std::string_view digits) const {
  int64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc{}) number = digits.front() == '-' ? INT64_MIN : INT64_MAX;
  if (number < key_->min || (parsed.ec != std::errc{} && number < 0)) {
    Refuse("too small");
  } else if (number > key_->max || parsed.ec != std::errc{}) {
    Refuse("too large");
  } else {
    return number;
  }
  return std::nullopt;
}

std::optional<PortRange> ValueReader::Ports() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  const std::string_view whole = *text;
  const size_t dash = whole.find('-');
  const std::string_view from = whole.substr(0, dash);
  const std::string_view to = dash == std::string_view::npos ? from : whole.substr(dash + 1);
  if (!IsNumber(from) || !IsNumber(to) || to.front() == '-' || whole.size() > kMaxTextBytes) {
    const std::string near = DidYouMean(whole, key_->words);
    Fail(fmt::format("{} is neither a port nor a range of ports; allowed {}{}", Quote(whole),
                     Allowed(*key_), near.empty() ? "" : "; for every port write `all` alone"));
    return std::nullopt;
  }
  const auto first = InRange(from);
  const auto last = first ? InRange(to) : std::nullopt;
  if (!first || !last) return std::nullopt;
  if (*last < *first) {
    Fail(fmt::format("{} ends before it begins; did you mean {}-{}?", Quote(whole), *last, *first));
    return std::nullopt;
  }
  return PortRange{Port(static_cast<uint16_t>(*first)), Port(static_cast<uint16_t>(*last))};
}

std::optional<size_t> ValueReader::Word() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  const auto found = std::ranges::find(key_->words, *text);
  if (found != key_->words.end()) return static_cast<size_t>(found - key_->words.begin());
  Fail(fmt::format("{} is unknown; allowed {}{}", Quote(*text), Allowed(*key_),
                   DidYouMean(*text, key_->words)));
  return std::nullopt;
}

std::optional<std::string> ValueReader::Name() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  if (IsName(*text)) return *text;
  Refuse("not a name");
  return std::nullopt;
}

std::optional<std::string> ValueReader::Text() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  const bool printable = std::ranges::all_of(*text, [](char c) { return c >= ' ' && c != '\x7f'; });
  if (!text->empty() && text->size() <= kMaxTextBytes && printable) return *text;
  Refuse(text->empty() ? "empty" : printable ? "too long" : "not printable");
  return std::nullopt;
}

std::optional<IpAddress> ValueReader::Address() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  const auto address = IpAddress::Parse(*text);
  if (!address) {
    Refuse("not an address");
    return std::nullopt;
  }
  if (const auto why = WhyNoHost(*address)) {
    Refuse(*why);
    return std::nullopt;
  }
  return address;
}

std::optional<IpPrefix> ValueReader::Prefix() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  const auto prefix = IpPrefix::Parse(*text);
  if (!prefix) {
    Refuse("not an address with prefix length");
    return std::nullopt;
  }
  std::optional<std::string_view> why = WhyNoHost(prefix->address);
  if (!why) why = WhyNotOn(*prefix, prefix->address);
  if (!why && prefix->length == 0) why = "every address, not a subnet";
  if (!why) return prefix;
  Refuse(*why);
  return std::nullopt;
}

std::optional<Endpoint> ValueReader::AddressAndPort() const {
  const std::string* text = Scalar();
  if (text == nullptr) return std::nullopt;
  const auto endpoint = Endpoint::Parse(*text);
  if (!endpoint) Refuse("not an address with a port");
  return endpoint;
}

std::vector<ValueReader> ValueReader::Items() const {
  if (node_->kind != Kind::kList) {
    Fail(fmt::format("{}; {}{}", Describe(*node_), Wanted(*key_),
                     DidYouMean(node_->text, key_->words)));
    return {};
  }
  if (node_->items.size() < key_->min_items) Fail("an empty list; " + Wanted(*key_));
  std::vector<ValueReader> items;
  for (const YamlNode::Ptr& item : node_->items) {
    if (items.size() == key_->max_items) {
      Fail(fmt::format("{} elements are too many; allowed {}", node_->items.size(),
                       key_->max_items));
      break;
    }
    items.emplace_back(item, fmt::format("{}[{}]", path_, items.size()), *key_, *errors_);
  }
  return items;
}

}  // namespace joinery::settings
