// MP_JOIN, one view for each packet of its handshake (RFC 8684 section 3.2, figures 5 to 7; the
// same lengths in version 0, whose HMACs are SHA-1's). Randoms and tokens are in host order of
// their big-endian bytes, HMACs are bytes. The K bit of draft-baerts-tcpm-mptcpext-00 is one of the
// three reserved bits, which the fields keep.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/big_endian.h"
#include "base/expected.h"
#include "base/ids.h"
#include "wire/mptcp.h"
#include "wire/parse_error.h"

namespace joinery::wire {

struct MpJoinSynFields {
  uint8_t reserved = 0;  // 3 bits
  bool backup = false;   // flag B: use this subflow only when no other is left
  uint8_t address_id = 0;
  Token receiver_token = {};
  uint32_t sender_random = 0;

  friend bool operator==(const MpJoinSynFields&, const MpJoinSynFields&) noexcept = default;
};

// After Parse every accessor of each view is total. The views borrow: they die with the packet.
// Offsets and bits that the first two forms share:
class MpJoinHead {
 public:
  static constexpr size_t kAddressId = 3;
  static constexpr uint8_t kBackup = 0x01;

  [[nodiscard]] uint8_t reserved() const noexcept {
    return static_cast<uint8_t>((bytes_[kMptcpSubtype] & 0x0e) >> 1);
  }
  [[nodiscard]] bool backup() const noexcept { return (bytes_[kMptcpSubtype] & kBackup) != 0; }
  [[nodiscard]] uint8_t address_id() const noexcept { return bytes_[kAddressId]; }

 protected:
  explicit MpJoinHead(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

class MpJoinSyn : public MpJoinHead {
 public:
  static constexpr size_t kReceiverToken = 4;
  static constexpr size_t kSenderRandom = 8;
  static constexpr size_t kLength = 12;

  // The caller has matched kind 30 and a SYN without ACK.
  [[nodiscard]] static Expected<MpJoinSyn, ParseError> Parse(
      std::span<const uint8_t> option) noexcept;

  [[nodiscard]] Token receiver_token() const noexcept {
    return Token(LoadBe32(&bytes_[kReceiverToken]));
  }
  [[nodiscard]] uint32_t sender_random() const noexcept { return LoadBe32(&bytes_[kSenderRandom]); }

  [[nodiscard]] MpJoinSynFields fields() const noexcept;
  // Writes all 12 bytes.
  static void Emit(const MpJoinSynFields& fields, std::span<uint8_t, kLength> out) noexcept;

 private:
  using MpJoinHead::MpJoinHead;
};

struct MpJoinSynAckFields {
  uint8_t reserved = 0;  // 3 bits
  bool backup = false;
  uint8_t address_id = 0;
  uint64_t sender_truncated_hmac = 0;  // the leftmost 64 bits
  uint32_t sender_random = 0;

  friend bool operator==(const MpJoinSynAckFields&, const MpJoinSynAckFields&) noexcept = default;
};

class MpJoinSynAck : public MpJoinHead {
 public:
  static constexpr size_t kSenderTruncatedHmac = 4;
  static constexpr size_t kSenderRandom = 12;
  static constexpr size_t kLength = 16;

  [[nodiscard]] static Expected<MpJoinSynAck, ParseError> Parse(
      std::span<const uint8_t> option) noexcept;

  [[nodiscard]] uint64_t sender_truncated_hmac() const noexcept {
    return LoadBe64(&bytes_[kSenderTruncatedHmac]);
  }
  [[nodiscard]] uint32_t sender_random() const noexcept { return LoadBe32(&bytes_[kSenderRandom]); }

  [[nodiscard]] MpJoinSynAckFields fields() const noexcept;
  // Writes all 16 bytes.
  static void Emit(const MpJoinSynAckFields& fields, std::span<uint8_t, kLength> out) noexcept;

 private:
  using MpJoinHead::MpJoinHead;
};

// The 160 leftmost bits (version 0: the whole SHA-1 HMAC).
using MpJoinHmac = std::array<uint8_t, 20>;

struct MpJoinAckFields {
  uint16_t reserved = 0;  // 12 bits
  MpJoinHmac sender_hmac{};

  friend bool operator==(const MpJoinAckFields&, const MpJoinAckFields&) noexcept = default;
};

class MpJoinAck {
 public:
  static constexpr size_t kSenderHmac = 4;
  static constexpr size_t kLength = 24;

  [[nodiscard]] static Expected<MpJoinAck, ParseError> Parse(
      std::span<const uint8_t> option) noexcept;

  [[nodiscard]] uint16_t reserved() const noexcept {
    return LoadBe16(&bytes_[kMptcpSubtype]) & 0x0fff;
  }
  [[nodiscard]] MpJoinHmac sender_hmac() const noexcept {
    MpJoinHmac hmac;
    std::memcpy(hmac.data(), &bytes_[kSenderHmac], hmac.size());
    return hmac;
  }

  [[nodiscard]] MpJoinAckFields fields() const noexcept {
    return {.reserved = reserved(), .sender_hmac = sender_hmac()};
  }
  // Writes all 24 bytes.
  static void Emit(const MpJoinAckFields& fields, std::span<uint8_t, kLength> out) noexcept;

 private:
  explicit MpJoinAck(std::span<const uint8_t> bytes) noexcept : bytes_(bytes) {}
  std::span<const uint8_t> bytes_;
};

// "mp_join_syn backup=0 address_id=1 token=7 rand=9"
[[nodiscard]] std::string ToString(const MpJoinSyn& option);
// "mp_join_syn_ack backup=0 address_id=1 sender_hmac=5 rand=9"
[[nodiscard]] std::string ToString(const MpJoinSynAck& option);
// "mp_join_ack sender_hmac=0102..."
[[nodiscard]] std::string ToString(const MpJoinAck& option);

}  // namespace joinery::wire
