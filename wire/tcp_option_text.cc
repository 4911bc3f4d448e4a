#include "wire/tcp_option_text.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/big_endian.h"
#include "base/hex.h"
#include "wire/add_addr.h"
#include "wire/dss.h"
#include "wire/mp_capable.h"
#include "wire/mp_fail.h"
#include "wire/mp_fastclose.h"
#include "wire/mp_join.h"
#include "wire/mp_prio.h"
#include "wire/mp_tcprst.h"
#include "wire/new_key.h"
#include "wire/remove_addr.h"

namespace joinery::wire {
namespace {

using Bytes = std::span<const uint8_t>;

std::string Broken(Bytes option, const ParseError& error) {
  return fmt::format("kind {} [{}] {}", option[0], ToString(error), ToHex(option));
}

std::string WrongLengthText(Bytes option) {
  return Broken(option, ParseError{ParseReason::kWrongLength, 1});
}

template <typename View>
std::string Print(const Expected<View, ParseError>& view, Bytes option) {
  return view ? ToString(*view) : Broken(option, view.error());
}

std::string JoinText(Bytes option) {
  if (const auto ack = MpJoinAck::Parse(option)) return ToString(*ack);
  if (const auto syn_ack = MpJoinSynAck::Parse(option)) return ToString(*syn_ack);
  return Print(MpJoinSyn::Parse(option), option);
}

// The version is the connection's, which one segment does not show: 1 when it fits.
template <typename View>
std::string VersionedText(Bytes option) {
  const auto version1 = View::Parse(option, 1);
  const auto version0 = View::Parse(option, 0);
  return Print(version1 || !version0 ? version1 : version0, option);
}

std::string MptcpText(Bytes option, SegmentRole role) {
  if (option.size() < kMptcpMinLength) return WrongLengthText(option);
  switch (SubtypeOf(option)) {
    case MptcpSubtype::kMpCapable:
      return Print(MpCapable::Parse(option, role), option);
    case MptcpSubtype::kMpJoin:
      return JoinText(option);
    case MptcpSubtype::kDss:
      return Print(Dss::Parse(option), option);
    case MptcpSubtype::kAddAddr:
      return VersionedText<AddAddr>(option);
    case MptcpSubtype::kRemoveAddr:
      return Print(RemoveAddr::Parse(option), option);
    case MptcpSubtype::kMpPrio:
      return VersionedText<MpPrio>(option);
    case MptcpSubtype::kMpFail:
      return Print(MpFail::Parse(option), option);
    case MptcpSubtype::kMpFastclose:
      return Print(MpFastclose::Parse(option), option);
    case MptcpSubtype::kMpTcpRst:
      return Print(MpTcpRst::Parse(option), option);
    case MptcpSubtype::kNewKey:
      return Print(NewKey::Parse(option), option);
    default:
      return fmt::format("mptcp subtype {} {}", option[2] >> 4, ToHex(option));
  }
}

// RFC 2018 section 3: pairs of sequence numbers.
std::string SackText(Bytes option) {
  if (option.size() % 8 != 2) return WrongLengthText(option);
  std::string text = "sack";
  for (size_t at = 2; at < option.size(); at += 8) {
    text += fmt::format(" {}:{}", LoadBe32(&option[at]), LoadBe32(&option[at + 4]));
  }
  return text;
}

}  // namespace

std::string ToString(const TcpOption& option, SegmentRole role) {
  const Bytes bytes = option.bytes;
  switch (option.kind) {
    case kOptionMss:
      if (bytes.size() != 4) return WrongLengthText(bytes);
      return fmt::format("mss {}", LoadBe16(&bytes[2]));
    case kOptionWindowScale:
      if (bytes.size() != 3) return WrongLengthText(bytes);
      return fmt::format("wscale {}", bytes[2]);
    case kOptionSackPermitted:
      return bytes.size() == 2 ? "sackOK" : WrongLengthText(bytes);
    case kOptionSack:
      return SackText(bytes);
    case kOptionTimestamps:
      if (bytes.size() != 10) return WrongLengthText(bytes);
      return fmt::format("TS val {} ecr {}", LoadBe32(&bytes[2]), LoadBe32(&bytes[6]));
    case kOptionMptcp:
      return MptcpText(bytes, role);
    case kOptionFastOpen:
      return bytes.size() == 2 ? "FO" : fmt::format("FO {}", ToHex(bytes.subspan(2)));
    default:
      return fmt::format("kind {} {}", option.kind, ToHex(bytes));
  }
}

std::string OptionsToString(std::span<const uint8_t> list, SegmentRole role) {
  if (list.empty()) return "";
  std::vector<std::string> words;
  TcpOptionCursor cursor(list);
  size_t end = 0;  // of what is printed
  for (bool more = true; more;) {
    more = cursor.Next();
    words.insert(words.end(), cursor.position() - end, "nop");
    end = cursor.position();
    if (!more) break;
    words.push_back(ToString(cursor.option(), role));
    end += cursor.option().bytes.size();
  }
  if (cursor.error()) {
    words.push_back(fmt::format("[{}]", ToString(*cursor.error())));
  } else if (end < list.size()) {
    words.emplace_back("eol");
  }
  return fmt::format("<{}>", fmt::join(words, ","));
}

}  // namespace joinery::wire
