#include "wire/mp_join.h"

#include <fmt/format.h>

#include "base/hex.h"

namespace joinery::wire {
namespace {

std::optional<ParseError> Check(std::span<const uint8_t> option, size_t length) noexcept {
  if (const auto error = CheckMptcpOption(option, MptcpSubtype::kMpJoin)) return error;
  if (option.size() != length) return ParseError{ParseReason::kWrongLength, kMptcpLength};
  return std::nullopt;
}

uint8_t LowNibble(uint8_t reserved, bool backup) noexcept {
  return static_cast<uint8_t>(reserved << 1 | (backup ? MpJoinHead::kBackup : 0));
}

}  // namespace

Expected<MpJoinSyn, ParseError> MpJoinSyn::Parse(std::span<const uint8_t> option) noexcept {
  if (const auto error = Check(option, kLength)) return unexpected(*error);
  return MpJoinSyn(option);
}

MpJoinSynFields MpJoinSyn::fields() const noexcept {
  return {.reserved = reserved(),
          .backup = backup(),
          .address_id = address_id(),
          .receiver_token = receiver_token(),
          .sender_random = sender_random()};
}

void MpJoinSyn::Emit(const MpJoinSynFields& fields, std::span<uint8_t, kLength> out) noexcept {
  EmitMptcpHead(out, MptcpSubtype::kMpJoin, LowNibble(fields.reserved, fields.backup));
  out[kAddressId] = fields.address_id;
  StoreBe32(&out[kReceiverToken], fields.receiver_token.value());
  StoreBe32(&out[kSenderRandom], fields.sender_random);
}

std::string ToString(const MpJoinSyn& option) {
  return fmt::format("mp_join_syn backup={:d} address_id={} token={} rand={}", option.backup(),
                     option.address_id(), option.receiver_token().value(), option.sender_random());
}

Expected<MpJoinSynAck, ParseError> MpJoinSynAck::Parse(std::span<const uint8_t> option) noexcept {
  if (const auto error = Check(option, kLength)) return unexpected(*error);
  return MpJoinSynAck(option);
}

MpJoinSynAckFields MpJoinSynAck::fields() const noexcept {
  return {.reserved = reserved(),
          .backup = backup(),
          .address_id = address_id(),
          .sender_truncated_hmac = sender_truncated_hmac(),
          .sender_random = sender_random()};
}

void MpJoinSynAck::Emit(const MpJoinSynAckFields& fields,
                        std::span<uint8_t, kLength> out) noexcept {
  EmitMptcpHead(out, MptcpSubtype::kMpJoin, LowNibble(fields.reserved, fields.backup));
  out[kAddressId] = fields.address_id;
  StoreBe64(&out[kSenderTruncatedHmac], fields.sender_truncated_hmac);
  StoreBe32(&out[kSenderRandom], fields.sender_random);
}

std::string ToString(const MpJoinSynAck& option) {
  return fmt::format("mp_join_syn_ack backup={:d} address_id={} sender_hmac={} rand={}",
                     option.backup(), option.address_id(), option.sender_truncated_hmac(),
                     option.sender_random());
}

Expected<MpJoinAck, ParseError> MpJoinAck::Parse(std::span<const uint8_t> option) noexcept {
  if (const auto error = Check(option, kLength)) return unexpected(*error);
  return MpJoinAck(option);
}

void MpJoinAck::Emit(const MpJoinAckFields& fields, std::span<uint8_t, kLength> out) noexcept {
  EmitMptcpHead(out, MptcpSubtype::kMpJoin, static_cast<uint8_t>(fields.reserved >> 8));
  out[kMptcpSubtype + 1] = static_cast<uint8_t>(fields.reserved);
  std::memcpy(&out[kSenderHmac], fields.sender_hmac.data(), fields.sender_hmac.size());
}

std::string ToString(const MpJoinAck& option) {
  return fmt::format("mp_join_ack sender_hmac={}", ToHex(option.sender_hmac()));
}

}  // namespace joinery::wire
