#include "wire/tcp_options.h"

#include "base/big_endian.h"
#include "wire/add_addr.h"
#include "wire/dss.h"
#include "wire/mp_capable.h"
#include "wire/mp_fail.h"
#include "wire/mp_fastclose.h"
#include "wire/mp_join.h"
#include "wire/mp_prio.h"
#include "wire/mp_tcprst.h"
#include "wire/mptcp.h"
#include "wire/new_key.h"
#include "wire/remove_addr.h"
#include "wire/tcp_option.h"

namespace joinery::wire {
namespace {

// One bit for each form of an MPTCP option that Linux tells apart (its OPTION_MPTCP_* bits).
enum Form : uint16_t {
  kNoForm = 0,
  kMpcSyn = 1 << 0,
  kMpcSynAck = 1 << 1,
  kMpcAck = 1 << 2,
  kMpjSyn = 1 << 3,
  kMpjSynAck = 1 << 4,
  kMpjAck = 1 << 5,
  kAddAddr = 1 << 6,
  kRemoveAddr = 1 << 7,
  kFastclose = 1 << 8,
  kPrio = 1 << 9,
  kTcpRst = 1 << 10,
  kDss = 1 << 11,
  kFail = 1 << 12,
  // Not Linux's: well-formed, but it does not read them, so they keep nothing out. MP_CAPABLE of
  // version 0 or with an explicit token; and options of version 0 or of the explicit profiles.
  kMpcForeign = 1 << 13,
  kForeign = 1 << 14,
};
constexpr uint16_t kMpj = kMpjSyn | kMpjSynAck | kMpjAck;

// The forms that may have been read before this one; any other makes Linux ignore it.
constexpr uint16_t Companions(Form form) noexcept {
  switch (form) {
    case kMpcAck:
      return kRemoveAddr;
    case kMpjSyn:
    case kMpjSynAck:
    case kMpjAck:
      return kRemoveAddr | kPrio;
    case kDss:
      return kAddAddr | kRemoveAddr | kPrio | kFastclose | kFail;
    case kAddAddr:
      return kDss | kRemoveAddr | kPrio;
    case kRemoveAddr:
      return kMpcAck | kMpj | kDss | kAddAddr | kPrio;
    case kPrio:
      return kMpj | kDss | kAddAddr | kRemoveAddr;
    case kFastclose:
      return kDss | kTcpRst;
    case kTcpRst:
      return kFail | kFastclose;
    case kFail:
      return kDss | kTcpRst;
    default:
      return 0;  // MP_CAPABLE in a SYN stands alone
  }
}

Form JoinForm(std::span<const uint8_t> option) noexcept {
  if (MpJoinSyn::Parse(option)) return kMpjSyn;
  if (MpJoinSynAck::Parse(option)) return kMpjSynAck;
  return MpJoinAck::Parse(option) ? kMpjAck : kNoForm;
}

// The view's version 1 is what Linux reads.
template <typename View>
Form FormByVersion(std::span<const uint8_t> option, Form form) noexcept {
  if (View::Parse(option, 1)) return form;
  return View::Parse(option, 0) ? kForeign : kNoForm;
}

class Scan {
 public:
  explicit Scan(const PacketView& packet) noexcept
      : role_(RoleOf(packet.tcp_flags, !packet.payload().empty())),
        reset_((packet.tcp_flags & kRst) != 0) {}

  void Add(const TcpOption& option) noexcept {
    if (option.kind == kOptionMptcp) return AddMptcp(option.bytes);
    if (IsTimestamps(option)) {
      out_.timestamps = {.value = LoadBe32(&option.bytes[2]),
                         .echo_reply = LoadBe32(&option.bytes[6])};
    }
  }
  TcpOptions& out() noexcept { return out_; }

 private:
  void AddMptcp(std::span<const uint8_t> option) noexcept {
    if (option.size() < kMptcpMinLength) {
      out_.bad_mptcp = true;
      return;
    }
    if (SubtypeOf(option) == MptcpSubtype::kMpCapable) return AddMpCapable(option);
    const Form form = FormOf(option);
    if (!Accept(form)) return;
    if (form == kMpjSyn && role_ == SegmentRole::kSynOnly) {
      out_.join_token = Token(LoadBe32(&option[MpJoinSyn::kReceiverToken]));
    } else if (form == kFastclose) {
      out_.fastclose_key = LoadBe64(&option[MpFastclose::kReceiverKey]);
    }
  }

  // Records the form; false when it must be ignored, and why.
  bool Accept(Form form) noexcept {
    if (form == kNoForm) {
      out_.bad_mptcp = true;
      return false;
    }
    if (form == kForeign) return true;
    if ((seen_ & ~Companions(form) & ~kMpcForeign) != 0) {
      out_.ambiguous = true;
      return false;
    }
    if ((seen_ & kMpcForeign) != 0 && (form & kMpj) != 0) out_.ambiguous = true;
    seen_ |= form;
    return true;
  }

  void AddMpCapable(std::span<const uint8_t> option) noexcept {
    const auto capable = MpCapable::Parse(option, role_);
    if (!capable) {
      out_.bad_mptcp = true;
      return;
    }
    // Linux reads neither version 0 nor the explicit forms, so they do not keep another option out.
    if (capable->version() == 0 || capable->is_explicit()) {
      if (seen_ != 0) out_.ambiguous = true;
      seen_ |= kMpcForeign;
      if (out_.mp_capable == MpCapableForm::kNone) SetMpCapable(*capable);
      return;
    }
    if ((seen_ & kMpcForeign) != 0) out_.ambiguous = true;
    if (Accept(MpCapableFormBit())) SetMpCapable(*capable);
  }

  Form MpCapableFormBit() const noexcept {
    if (role_ == SegmentRole::kSynOnly) return kMpcSyn;
    return role_ == SegmentRole::kSynAck ? kMpcSynAck : kMpcAck;
  }

  void SetMpCapable(const MpCapable& capable) noexcept {
    if (role_ == SegmentRole::kSynAck) return;
    out_.mp_version = capable.version() == 0 ? 0 : 1;
    if (role_ == SegmentRole::kSynOnly) {
      out_.mp_capable = MpCapableForm::kOpening;
    } else if (const auto token = capable.receiver_token()) {
      out_.mp_capable = MpCapableForm::kExplicitToken;
      out_.receiver_token = *token;
    } else if (const auto key = capable.receiver_key()) {
      out_.mp_capable = MpCapableForm::kKeys;
      out_.receiver_key = *key;
    }
  }

  // kNoForm when the length (or the segment) is not the subtype's.
  Form FormOf(std::span<const uint8_t> option) const noexcept {
    switch (SubtypeOf(option)) {
      case MptcpSubtype::kMpJoin:
        return JoinForm(option);
      case MptcpSubtype::kDss:
        return Dss::Parse(option) ? kDss : kNoForm;
      case MptcpSubtype::kAddAddr:
        return FormByVersion<AddAddr>(option, kAddAddr);
      case MptcpSubtype::kRemoveAddr:
        return RemoveAddr::Parse(option) ? kRemoveAddr : kNoForm;
      case MptcpSubtype::kMpPrio:
        return FormByVersion<MpPrio>(option, kPrio);
      case MptcpSubtype::kMpFail:
        return MpFail::Parse(option) ? kFail : kNoForm;
      case MptcpSubtype::kMpFastclose:
        return MpFastclose::Parse(option) ? kFastclose : kNoForm;
      case MptcpSubtype::kMpTcpRst:
        return reset_ && MpTcpRst::Parse(option) ? kTcpRst : kNoForm;
      case MptcpSubtype::kNewKey:
        return NewKey::Parse(option) ? kForeign : kNoForm;
      default:
        return kNoForm;
    }
  }

  TcpOptions out_;
  SegmentRole role_;
  bool reset_;
  uint16_t seen_ = 0;
};

}  // namespace

TcpOptions ScanTcpOptions(const PacketView& packet) noexcept {
  Scan scan(packet);
  TcpOptionCursor cursor(packet.tcp_options());
  while (cursor.Next()) scan.Add(cursor.option());
  scan.out().malformed = cursor.error().has_value();
  return scan.out();
}

}  // namespace joinery::wire
