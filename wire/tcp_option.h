// Walks TCP options: kind, length, data (RFC 9293 section 3.1; end of list and no-operation:
// section 3.2). The only such walk in the tree. It stops where Linux's own walks stop
// (mptcp_get_options, tcp_parse_options): at the end of the list and at the first malformed option;
// what came before it counts. Bytes stay as on the wire. Never allocates, never reads past the
// list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wire/parse_error.h"

namespace joinery::wire {

// Option kinds (the IANA registry "TCP Option Kind Numbers").
inline constexpr uint8_t kOptionEnd = 0;
inline constexpr uint8_t kOptionNop = 1;
inline constexpr uint8_t kOptionMss = 2;
inline constexpr uint8_t kOptionWindowScale = 3;    // RFC 7323 section 2.2
inline constexpr uint8_t kOptionSackPermitted = 4;  // RFC 2018 section 2
inline constexpr uint8_t kOptionSack = 5;           // RFC 2018 section 3
inline constexpr uint8_t kOptionTimestamps = 8;     // RFC 7323 section 3.2
inline constexpr uint8_t kOptionMptcp = 30;         // RFC 8684 section 3
inline constexpr uint8_t kOptionFastOpen = 34;      // RFC 7413 section 4.1.1

struct TcpOption {
  uint8_t kind = 0;
  std::span<const uint8_t> bytes;  // the whole option: kind, length, data; 2..40 bytes
};

class TcpOptionCursor {
 public:
  explicit TcpOptionCursor(std::span<const uint8_t> list) noexcept : list_(list) {}

  // False at the end of the list and at the first malformed option; error() tells which.
  [[nodiscard]] bool Next() noexcept {
    while (at_ < list_.size()) {
      const uint8_t kind = list_[at_];
      position_ = at_;
      if (kind == kOptionEnd) return Stop();
      if (kind == kOptionNop) {
        ++at_;
        continue;
      }
      if (list_.size() - at_ < 2) return Fail(ParseReason::kTruncated);
      const uint8_t length = list_[at_ + 1];
      if (length < 2) return Fail(ParseReason::kOptionLengthBelow2);
      if (length > list_.size() - at_) return Fail(ParseReason::kOptionPastEnd);
      option_ = {kind, list_.subspan(at_, length)};
      at_ += length;
      return true;
    }
    position_ = at_;
    return false;
  }

  // Valid after Next() said true.
  [[nodiscard]] const TcpOption& option() const noexcept { return option_; }
  // What ended the walk, when it was not the end of the list.
  [[nodiscard]] const std::optional<ParseError>& error() const noexcept { return error_; }
  // Where option() begins in the list; after the walk, where it ended: at the end-of-list option,
  // at the malformed one, or at the list's end. Bytes between two options are no-operations.
  [[nodiscard]] size_t position() const noexcept { return position_; }

 private:
  bool Fail(ParseReason reason) noexcept {
    error_ = ParseError{reason, static_cast<uint16_t>(at_)};
    return Stop();
  }
  // A later Next() finds nothing more, and leaves position() where it is.
  bool Stop() noexcept {
    list_ = list_.first(at_);
    return false;
  }

  std::span<const uint8_t> list_;
  size_t at_ = 0;
  size_t position_ = 0;
  TcpOption option_;
  std::optional<ParseError> error_;
};

}  // namespace joinery::wire
