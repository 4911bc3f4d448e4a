#include "backend/agent/leases/kept_leases.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/big_endian.h"
#include "base/hex.h"

namespace joinery::agent {
namespace {

namespace json = boost::json;

constexpr uint64_t kFormat = 1;
constexpr size_t kTokenBytes = 4;

std::string TokensToHex(const std::vector<Token>& tokens) {
  std::vector<uint8_t> bytes(tokens.size() * kTokenBytes);
  for (size_t i = 0; i < tokens.size(); ++i) {
    StoreBe32(bytes.data() + i * kTokenBytes, tokens[i].value());
  }
  return ToHex(bytes);
}

// Ascending, each once.
std::optional<std::vector<Token>> TokensFromHex(std::string_view text) {
  const auto bytes = FromHex(text);
  if (!bytes || bytes->size() % kTokenBytes != 0) return std::nullopt;
  std::vector<Token> tokens;
  for (size_t at = 0; at < bytes->size(); at += kTokenBytes) {
    tokens.emplace_back(LoadBe32(bytes->data() + at));
  }
  if (std::ranges::adjacent_find(tokens, std::greater_equal()) != tokens.end()) {
    return std::nullopt;
  }
  return tokens;
}

template <typename T>
std::optional<T> Number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<KeptLease> ParseLease(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto text = [object](std::string_view name) -> std::string_view {
    const json::value* member = object->if_contains(name);
    if (member == nullptr || !member->is_string()) return {};
    return member->get_string();
  };
  const auto id = Number<LeaseId>(text("id"));
  const auto uid = Number<uint32_t>(text("uid"));
  const std::string_view kind = text("kind");
  const json::value* held = object->if_contains("held");
  if (!id || !uid || (kind != "tokens" && kind != "keys") || held == nullptr ||
      !held->is_object()) {
    return std::nullopt;
  }
  KeptLease lease{
      .id = *id,
      .uid = *uid,
      .kind = kind == "keys" ? tokenmap::LeaseKind::kKeys : tokenmap::LeaseKind::kTokens,
      .held = {}};
  for (const auto& [serial_text, tokens_hex] : held->get_object()) {
    const auto serial = Number<uint64_t>(serial_text);
    const auto tokens = tokens_hex.is_string()
                            ? TokensFromHex(std::string_view(tokens_hex.get_string()))
                            : std::nullopt;
    if (!serial || !tokens) return std::nullopt;
    lease.held[Serial(*serial)] = *tokens;
  }
  return lease;
}

}  // namespace

std::string ToJson(const std::vector<KeptLease>& leases) {
  json::array list;
  for (const KeptLease& lease : leases) {
    json::object held;
    for (const auto& [serial, tokens] : lease.held) {
      held[fmt::format("{}", serial.value())] = TokensToHex(tokens);
    }
    list.push_back(
        json::object{{"id", fmt::format("{}", lease.id)},
                     {"uid", fmt::format("{}", lease.uid)},
                     {"kind", lease.kind == tokenmap::LeaseKind::kKeys ? "keys" : "tokens"},
                     {"held", std::move(held)}});
  }
  return json::serialize(json::object{{"format", kFormat}, {"leases", std::move(list)}}) + "\n";
}

Expected<std::vector<KeptLease>> ParseKeptLeases(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return Fail("not a JSON object");
  const json::value* format = value.get_object().if_contains("format");
  if (format == nullptr || *format != kFormat) return Fail("written by another version");
  const json::value* list = value.get_object().if_contains("leases");
  if (list == nullptr || !list->is_array()) return Fail("leases: expected a list");
  std::vector<KeptLease> leases;
  for (const json::value& item : list->get_array()) {
    auto lease = ParseLease(item);
    if (!lease) return Fail(fmt::format("leases[{}]: malformed", leases.size()));
    leases.push_back(*std::move(lease));
  }
  return leases;
}

}  // namespace joinery::agent
