#include "wire/dss.h"

#include <fmt/format.h>

namespace joinery::wire {
namespace {

constexpr size_t kMappingTail = 6;  // subflow sequence number and data-level length
constexpr size_t kChecksumLength = 2;

size_t Width(const DataNumber& number) noexcept { return number.wide ? 8 : 4; }

DataNumber Load(const uint8_t* p, bool wide) noexcept {
  return {.value = wide ? LoadBe64(p) : LoadBe32(p), .wide = wide};
}

size_t Store(const DataNumber& number, uint8_t* p) noexcept {
  if (number.wide) {
    StoreBe64(p, number.value);
  } else {
    StoreBe32(p, static_cast<uint32_t>(number.value));
  }
  return Width(number);
}

size_t LengthByFlags(uint8_t flags) noexcept {
  size_t length = Dss::kMinLength;
  if ((flags & Dss::kDataAckPresent) != 0) length += (flags & Dss::kDataAckWide) != 0 ? 8 : 4;
  if ((flags & Dss::kMappingPresent) != 0) {
    length += ((flags & Dss::kDataSequenceWide) != 0 ? 8 : 4) + kMappingTail;
  }
  return length;
}

}  // namespace

Expected<Dss, ParseError> Dss::Parse(std::span<const uint8_t> option) noexcept {
  if (const auto error = CheckMptcpOption(option, MptcpSubtype::kDss)) return unexpected(*error);
  if (option.size() < kMinLength) return WrongLength();
  const size_t length = LengthByFlags(option[kFlags]);
  if (option.size() != length && option.size() != length + kChecksumLength) return WrongLength();
  return Dss(option);
}

std::optional<DataNumber> Dss::data_ack() const noexcept {
  if (!Flag(kDataAckPresent)) return std::nullopt;
  return Load(&bytes_[kMinLength], Flag(kDataAckWide));
}

std::optional<DssMapping> Dss::mapping() const noexcept {
  if (!Flag(kMappingPresent)) return std::nullopt;
  size_t at = kMinLength + DataAckLength();
  DssMapping mapping{.data_sequence_number = Load(&bytes_[at], Flag(kDataSequenceWide))};
  at += Width(mapping.data_sequence_number);
  mapping.subflow_sequence_number = LoadBe32(&bytes_[at]);
  mapping.data_level_length = LoadBe16(&bytes_[at + 4]);
  at += kMappingTail;
  if (at < bytes_.size()) mapping.checksum = LoadBe16(&bytes_[at]);
  return mapping;
}

size_t Dss::EncodedLength(const DssFields& fields) noexcept {
  size_t length = kMinLength;
  if (fields.data_ack) length += Width(*fields.data_ack);
  if (fields.mapping) {
    length += Width(fields.mapping->data_sequence_number) + kMappingTail;
    if (fields.mapping->checksum) length += kChecksumLength;
  }
  return length;
}

void Dss::Emit(const DssFields& fields, std::span<uint8_t> out) noexcept {
  EmitMptcpHead(out, MptcpSubtype::kDss, static_cast<uint8_t>(fields.reserved >> 3));
  uint8_t flags = static_cast<uint8_t>(fields.reserved << 5 | (fields.data_fin ? kDataFin : 0));
  size_t at = kMinLength;
  if (fields.data_ack) {
    flags |= kDataAckPresent;
    if (fields.data_ack->wide) flags |= kDataAckWide;
    at += Store(*fields.data_ack, &out[at]);
  }
  if (fields.mapping) {
    flags |= kMappingPresent;
    if (fields.mapping->data_sequence_number.wide) flags |= kDataSequenceWide;
    at += Store(fields.mapping->data_sequence_number, &out[at]);
    StoreBe32(&out[at], fields.mapping->subflow_sequence_number);
    StoreBe16(&out[at + 4], fields.mapping->data_level_length);
    at += kMappingTail;
    if (fields.mapping->checksum) StoreBe16(&out[at], *fields.mapping->checksum);
  }
  out[kFlags] = flags;
}

std::string ToString(const Dss& option) {
  std::string text = "dss";
  if (const auto ack = option.data_ack()) {
    text += fmt::format(" dack{}={}", Width(*ack), ack->value);
  }
  if (const auto mapping = option.mapping()) {
    const DataNumber& number = mapping->data_sequence_number;
    text += fmt::format(" dsn{}={} ssn={} dll={}", Width(number), number.value,
                        mapping->subflow_sequence_number, mapping->data_level_length);
    if (mapping->checksum) text += fmt::format(" checksum={}", *mapping->checksum);
    if (!mapping->checksum) text += " nocs";
  }
  if (option.data_fin()) text += " fin";
  return text;
}

}  // namespace joinery::wire
