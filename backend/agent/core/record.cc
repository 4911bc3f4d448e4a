#include "backend/agent/core/record.h"

#include <algorithm>
#include <array>
#include <limits>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/hex.h"
#include "crypto/sha.h"

namespace joinery::agent {
namespace {

namespace json = boost::json;

constexpr uint64_t kFormat = 1;
constexpr uint8_t kMaxGenerationBits = 3;
constexpr size_t kMaxTold = 1 << kMaxGenerationBits;

// Reads members of one object; after the first that is missing or wrong, error() says which.
class Members {
 public:
  explicit Members(const json::object& object) : object_(object) {}

  template <typename T>
  T Number(std::string_view name) {
    const json::value* value = object_.if_contains(name);
    json::error_code error;
    const uint64_t number = value == nullptr ? 0 : value->to_number<uint64_t>(error);
    if (value == nullptr || error || number > std::numeric_limits<T>::max()) {
      Complain(name, "a whole number in range");
      return 0;
    }
    return static_cast<T>(number);
  }

  // 64 hexadecimal digits.
  KeyHash Hash(std::string_view name) {
    KeyHash hash{};
    const json::value* value = object_.if_contains(name);
    const json::string* text = value == nullptr ? nullptr : value->if_string();
    const auto bytes = text == nullptr ? std::nullopt : FromHex(std::string_view(*text));
    if (!bytes || bytes->size() != hash.size()) {
      Complain(name, "64 hexadecimal digits");
    } else {
      std::ranges::copy(*bytes, hash.begin());
    }
    return hash;
  }

  [[nodiscard]] bool Has(std::string_view name) const {
    const json::value* value = object_.if_contains(name);
    return value != nullptr && !value->is_null();
  }
  void Complain(std::string_view name, std::string_view wanted) {
    if (error_.empty()) error_ = fmt::format("{}: expected {}", name, wanted);
  }
  [[nodiscard]] const std::string& error() const noexcept { return error_; }

 private:
  const json::object& object_;
  std::string error_;
};

std::optional<api::ServedVip> ParseVip(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  Members members(*object);
  const json::value* address = object->if_contains("address");
  const auto parsed = address != nullptr && address->is_string()
                          ? IpAddress::Parse(std::string_view(address->get_string()))
                          : std::nullopt;
  const json::value* ports = object->if_contains("ports");
  if (!parsed || ports == nullptr || !ports->is_array()) return std::nullopt;
  api::ServedVip vip{
      .address = *parsed, .protocol = members.Number<uint8_t>("protocol"), .ports = {}};
  for (const json::value& range : ports->get_array()) {
    if (!range.is_object()) return std::nullopt;
    Members ends(range.get_object());
    vip.ports.push_back(
        {Port(ends.Number<uint16_t>("first")), Port(ends.Number<uint16_t>("last"))});
    if (!ends.error().empty()) return std::nullopt;
  }
  if (!members.error().empty()) return std::nullopt;
  return vip;
}

Expected<std::vector<api::ServedVip>> ParseVips(const json::value* list) {
  if (list == nullptr || !list->is_array()) return Fail("vips: expected a list");
  std::vector<api::ServedVip> vips;
  for (const json::value& item : list->get_array()) {
    auto vip = ParseVip(item);
    if (!vip) return Fail(fmt::format("vips[{}]: malformed", vips.size()));
    vips.push_back(*std::move(vip));
  }
  return vips;
}

json::array ToJsonArray(const std::vector<api::ServedVip>& vips) {
  json::array list;
  for (const api::ServedVip& vip : vips) {
    json::array ports;
    for (const PortRange& range : vip.ports) {
      ports.push_back(json::object{{"first", range.first.value()}, {"last", range.last.value()}});
    }
    list.push_back(json::object{{"address", ToString(vip.address)},
                                {"protocol", vip.protocol},
                                {"ports", std::move(ports)}});
  }
  return list;
}

Expected<std::vector<ToldGeneration>> ParseTold(const json::value* list) {
  if (list == nullptr || !list->is_array() || list->get_array().size() > kMaxTold) {
    return Fail(fmt::format("told: expected a list of at most {}", kMaxTold));
  }
  std::vector<ToldGeneration> told;
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) return Fail("told: expected objects");
    Members members(item.get_object());
    ToldGeneration one{.codepoint = Codepoint(members.Number<uint8_t>("codepoint")),
                       .serial = Serial(members.Number<uint64_t>("serial")),
                       .key = std::nullopt};
    if (members.Has("key_sha256")) one.key = members.Hash("key_sha256");
    if (!members.error().empty()) return Fail("told: " + members.error());
    if (!told.empty() && told.back().codepoint >= one.codepoint) {
      return Fail("told: codepoints are not ascending");
    }
    told.push_back(one);
  }
  return told;
}

}  // namespace

KeyHash HashOf(const crypto::Key128& key) noexcept { return crypto::Sha256(key.bytes()); }

const ToldGeneration* Record::Told(Codepoint codepoint) const noexcept {
  const auto found = std::ranges::find(told, codepoint, &ToldGeneration::codepoint);
  return found == told.end() ? nullptr : &*found;
}

std::string ToJson(const Record& record) {
  json::array told;
  for (const ToldGeneration& one : record.told) {
    json::object item{{"codepoint", one.codepoint.value()}, {"serial", one.serial.value()}};
    if (one.key) item["key_sha256"] = ToHex(*one.key);
    told.push_back(std::move(item));
  }
  json::object whole{{"format", kFormat},
                     {"epoch", record.view.at.epoch},
                     {"version", record.view.at.version},
                     {"digest", ToHex(record.view.digest)},
                     {"pool_id", record.pool_id.value()},
                     {"id", record.id.value()},
                     {"generation_bits", record.generation_bits},
                     {"vips", ToJsonArray(record.vips)},
                     {"told", std::move(told)},
                     {"confirmed", nullptr}};
  if (const auto& confirmed = record.confirmed) {
    json::object item{{"incarnation", confirmed->incarnation},
                      {"serial", confirmed->serial.value()}};
    if (confirmed->before) item["before"] = confirmed->before->value();
    whole["confirmed"] = std::move(item);
  }
  return json::serialize(whole) + "\n";
}

Expected<Record> ParseRecord(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return Fail("not a JSON object");
  Members members(value.get_object());
  if (members.Number<uint64_t>("format") != kFormat) {
    return Fail(fmt::format("format: expected {}: written by another version", kFormat));
  }
  Record record;
  record.view.at = {members.Number<uint64_t>("epoch"), members.Number<uint64_t>("version")};
  record.view.digest = members.Hash("digest");
  record.pool_id = PoolId(members.Number<uint32_t>("pool_id"));
  record.id = BackendId(members.Number<uint16_t>("id"));
  record.generation_bits = members.Number<uint8_t>("generation_bits");
  if (record.generation_bits > kMaxGenerationBits) {
    members.Complain("generation_bits", fmt::format("0..{}", kMaxGenerationBits));
  }
  if (members.Has("confirmed")) {
    const json::value& confirmed = value.get_object().at("confirmed");
    if (!confirmed.is_object()) return Fail("confirmed: expected an object");
    Members inner(confirmed.get_object());
    record.confirmed = Confirmed{.incarnation = inner.Number<uint64_t>("incarnation"),
                                 .serial = Serial(inner.Number<uint64_t>("serial"))};
    if (inner.Has("before")) record.confirmed->before = Serial(inner.Number<uint64_t>("before"));
    if (!inner.error().empty()) return Fail("confirmed: " + inner.error());
  }
  if (!members.error().empty()) return Fail(members.error());
  auto told = ParseTold(value.get_object().if_contains("told"));
  if (!told) return Fail(told.error().message);
  record.told = *std::move(told);
  auto vips = ParseVips(value.get_object().if_contains("vips"));
  if (!vips) return Fail(vips.error().message);
  record.vips = *std::move(vips);
  return record;
}

}  // namespace joinery::agent
