#include "wire/add_addr.h"

#include <cstring>

#include <fmt/format.h>

#include "base/big_endian.h"

namespace joinery::wire {
namespace {

constexpr size_t kPortLength = 2;
constexpr size_t kHmacLength = 8;
constexpr uint8_t kIpVersion4 = 4;
constexpr uint8_t kIpVersion6 = 6;

}  // namespace

Expected<AddAddr, ParseError> AddAddr::Parse(std::span<const uint8_t> option,
                                             uint8_t version) noexcept {
  if (const auto error = CheckMptcpOption(option, MptcpSubtype::kAddAddr)) {
    return unexpected(*error);
  }
  const uint8_t low = option[kMptcpSubtype] & 0x0f;
  AddAddrFields fields{.version = version};
  if (version == 0) {
    if (low != kIpVersion4 && low != kIpVersion6) {
      return unexpected(ParseError{ParseReason::kBadIpVersion, kMptcpSubtype});
    }
  } else {
    fields.echo = (low & kEcho) != 0;
    fields.reserved = static_cast<uint8_t>(low >> 1);
  }
  const bool hmac = version != 0 && !fields.echo;
  const size_t rest = option.size() - (hmac ? kHmacLength : 0);  // may wrap: then no length fits
  const bool with_port = rest == kAddress + 4 + kPortLength || rest == kAddress + 16 + kPortLength;
  const size_t address = rest - kAddress - (with_port ? kPortLength : 0);
  if (address != 4 && address != 16) return WrongLength();
  if (version == 0 && (address == 4) != (low == kIpVersion4)) return WrongLength();
  fields.address_id = option[kAddressId];
  fields.address = address == 4 ? IpAddress::V4(option.subspan<kAddress, 4>())
                                : IpAddress::V6(option.subspan<kAddress, 16>());
  if (with_port) fields.port = Port(LoadBe16(&option[kAddress + address]));
  if (hmac) fields.truncated_hmac = LoadBe64(&option[rest]);
  return AddAddr(fields);
}

size_t AddAddr::EncodedLength(const AddAddrFields& fields) noexcept {
  return kAddress + fields.address.bytes().size() + (fields.port ? kPortLength : 0) +
         (fields.truncated_hmac ? kHmacLength : 0);
}

void AddAddr::Emit(const AddAddrFields& fields, std::span<uint8_t> out) noexcept {
  const std::span<const uint8_t> address = fields.address.bytes();
  const uint8_t low = fields.version == 0
                          ? (fields.address.is_v4() ? kIpVersion4 : kIpVersion6)
                          : static_cast<uint8_t>(fields.reserved << 1 | (fields.echo ? kEcho : 0));
  EmitMptcpHead(out, MptcpSubtype::kAddAddr, low);
  out[kAddressId] = fields.address_id;
  std::memcpy(&out[kAddress], address.data(), address.size());
  size_t at = kAddress + address.size();
  if (fields.port) {
    StoreBe16(&out[at], fields.port->value());
    at += kPortLength;
  }
  if (fields.truncated_hmac) StoreBe64(&out[at], *fields.truncated_hmac);
}

std::string ToString(const AddAddr& option) {
  std::string text = fmt::format("add_addr{} address_id={} addr={}", option.echo() ? " echo" : "",
                                 option.address_id(), ToString(option.address()));
  if (const auto port = option.port()) text += fmt::format(" port={}", port->value());
  if (const auto hmac = option.truncated_hmac()) text += fmt::format(" hmac={}", *hmac);
  return text;
}

}  // namespace joinery::wire
