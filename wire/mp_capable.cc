#include "wire/mp_capable.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace joinery::wire {
namespace {

// The low five bits choose the algorithm: Linux reads nothing but H alone there, and the explicit
// profiles add their one flag to it. A set B means an extension that nobody knows (RFC 8684 section
// 3.1). Version 0 gives C to H to the algorithm, and defines H only (RFC 6824 section 3.1).
constexpr uint8_t kAlgorithmMask = 0x1f;

enum class Form : uint8_t { kUnknown, kPlain, kExplicit };

Form FormOf(uint8_t version, uint8_t flags) noexcept {
  if ((flags & kMpcExtensibility) != 0) return Form::kUnknown;
  const uint8_t algorithm = flags & kAlgorithmMask;
  if (algorithm == kMpcHmac) return Form::kPlain;
  if (version == 0) return Form::kUnknown;
  if (algorithm == (kMpcExplicitPaasch | kMpcHmac)) return Form::kExplicit;
  if (algorithm == (kMpcExplicitBaerts | kMpcHmac)) return Form::kExplicit;
  return Form::kUnknown;
}

// Keys or tokens in the option: docs/protocol.md section 1.
uint8_t ValuesIn(SegmentRole role, uint8_t version) noexcept {
  switch (role) {
    case SegmentRole::kSynOnly:
      return version == 0 ? 1 : 0;
    case SegmentRole::kSynAck:
      return 1;
    default:
      return 2;
  }
}

bool LengthFits(size_t length, size_t base, SegmentRole role, uint8_t version) noexcept {
  // Version 0 says what data belongs to in a DSS option, never here.
  if (role != SegmentRole::kAckData || version == 0) return length == base;
  return length == base + 2 || length == base + 4;  // data-level length, checksum
}

}  // namespace

Expected<MpCapable, ParseError> MpCapable::Parse(std::span<const uint8_t> option,
                                                 SegmentRole role) noexcept {
  if (const auto error = CheckMptcpOption(option, MptcpSubtype::kMpCapable)) {
    return unexpected(*error);
  }
  if (option.size() < kValues) return WrongLength();
  const uint8_t version = option[kMptcpSubtype] & 0x0f;
  // A SYN of a later version is answered with ours (RFC 8684 section 3.1).
  if (version > kSupportedVersion && role != SegmentRole::kSynOnly) {
    return unexpected(ParseError{ParseReason::kBadMpCapableVersion, kMptcpSubtype});
  }
  const Form form = FormOf(version, option[kFlags]);
  if (form == Form::kUnknown) {
    return unexpected(ParseError{ParseReason::kBadMpCapableFlags, kFlags});
  }
  const MpCapable view(option, form == Form::kExplicit, ValuesIn(role, version));
  if (!LengthFits(option.size(), kValues + view.values_ * view.value_size(), role, version)) {
    return WrongLength();
  }
  return view;
}

MpCapableFields MpCapable::fields() const noexcept {
  return {.version = version(),
          .flags = flags(),
          .sender_key = sender_key(),
          .receiver_key = receiver_key(),
          .sender_token = sender_token(),
          .receiver_token = receiver_token(),
          .data_level_length = data_level_length(),
          .checksum = checksum()};
}

size_t MpCapable::EncodedLength(const MpCapableFields& fields) noexcept {
  return kValues + (fields.sender_key ? 8 : 0) + (fields.receiver_key ? 8 : 0) +
         (fields.sender_token ? 4 : 0) + (fields.receiver_token ? 4 : 0) +
         (fields.data_level_length ? 2 : 0) + (fields.checksum ? 2 : 0);
}

void MpCapable::Emit(const MpCapableFields& fields, std::span<uint8_t> out) noexcept {
  EmitMptcpHead(out, MptcpSubtype::kMpCapable, fields.version);
  out[kFlags] = fields.flags;
  size_t at = kValues;
  for (const auto& key : {fields.sender_key, fields.receiver_key}) {
    if (!key) continue;
    StoreBe64(&out[at], *key);
    at += 8;
  }
  for (const auto& token : {fields.sender_token, fields.receiver_token}) {
    if (!token) continue;
    StoreBe32(&out[at], token->value());
    at += 4;
  }
  for (const auto& data : {fields.data_level_length, fields.checksum}) {
    if (!data) continue;
    StoreBe16(&out[at], *data);
    at += 2;
  }
}

std::string ToString(const MpCapable& option) {
  std::string flags;
  for (int bit = 7; bit >= 0; --bit) {
    if ((option.flags() >> bit & 1) == 0) continue;
    flags += fmt::format("{}flag_{}", flags.empty() ? "" : ",", static_cast<char>('h' - bit));
  }
  std::string text = fmt::format("mpcapable v{} flags[{}]", option.version(), flags);
  const MpCapableFields fields = option.fields();
  std::vector<uint64_t> values;  // of one kind, the sender's first
  for (const auto& key : {fields.sender_key, fields.receiver_key}) {
    if (key) values.push_back(*key);
  }
  for (const auto& token : {fields.sender_token, fields.receiver_token}) {
    if (token) values.push_back(token->value());
  }
  if (values.empty()) {
    text += " nokey";
  } else {
    text += fmt::format(" {}[{}]", option.is_explicit() ? "token" : "key", fmt::join(values, ","));
  }
  if (const auto length = fields.data_level_length) text += fmt::format(" mpcdatalen {}", *length);
  if (const auto checksum = fields.checksum) text += fmt::format(" checksum {}", *checksum);
  return text;
}

}  // namespace joinery::wire
