// An option list in a segment whose flags and payload the first byte chooses: the walk, every MPTCP
// view with its round trip, the printer, and the scan.
#include "tests/fuzz/check.h"
#include "wire/add_addr.h"
#include "wire/dss.h"
#include "wire/mp_capable.h"
#include "wire/mp_fail.h"
#include "wire/mp_fastclose.h"
#include "wire/mp_join.h"
#include "wire/mp_prio.h"
#include "wire/mp_tcprst.h"
#include "wire/new_key.h"
#include "wire/packet_view.h"
#include "wire/remove_addr.h"
#include "wire/tcp_option_text.h"
#include "wire/tcp_options.h"

namespace joinery::fuzz {
namespace {

template <typename View, typename... Context>
void Feed(Input option, Context... context) {
  const auto parse = [context...](Input bytes) { return View::Parse(bytes, context...); };
  const auto view = parse(option);
  if (!view) return CheckError(view.error(), option);
  Print(ToString(*view));
  CheckRoundTrip(*view, parse);
}

void FeedOption(const wire::TcpOption& option, wire::SegmentRole role) {
  Check(option.bytes.size() >= 2, "an option has a kind and a length");
  Print(ToString(option, role));
  Feed<wire::MpCapable>(option.bytes, role);
  Feed<wire::MpJoinSyn>(option.bytes);
  Feed<wire::MpJoinSynAck>(option.bytes);
  Feed<wire::MpJoinAck>(option.bytes);
  Feed<wire::Dss>(option.bytes);
  Feed<wire::AddAddr>(option.bytes, uint8_t{0});
  Feed<wire::AddAddr>(option.bytes, uint8_t{1});
  Feed<wire::RemoveAddr>(option.bytes);
  Feed<wire::MpPrio>(option.bytes, uint8_t{0});
  Feed<wire::MpPrio>(option.bytes, uint8_t{1});
  Feed<wire::MpFail>(option.bytes);
  Feed<wire::MpFastclose>(option.bytes);
  Feed<wire::MpTcpRst>(option.bytes);
  Feed<wire::NewKey>(option.bytes);
}

// The smallest frame that carries the list: ParseFrame reads no checksum.
Bytes Frame(uint8_t flags, Input list, bool payload) {
  constexpr size_t kHeaders = 14 + 20 + 20;
  const size_t options = (list.size() + 3) / 4 * 4;
  Bytes frame(kHeaders + options + (payload ? 1 : 0));
  frame[12] = 0x08;
  frame[14] = 0x45;
  frame[17] = static_cast<uint8_t>(frame.size() - 14);
  frame[23] = 6;
  frame[46] = static_cast<uint8_t>((20 + options) / 4 << 4);
  frame[47] = flags;
  std::copy(list.begin(), list.end(), frame.begin() + kHeaders);
  return frame;
}

void FeedList(uint8_t flags, bool payload, Input list) {
  const wire::SegmentRole role = wire::RoleOf(flags, payload);
  wire::TcpOptionCursor cursor(list);
  while (cursor.Next()) FeedOption(cursor.option(), role);
  Check(cursor.position() <= list.size(), "the walk ends in the list");
  (void)OptionsToString(list, role);

  const Bytes frame = Frame(flags, list, payload);
  const auto packet = wire::ParseFrame(frame);
  Check(packet.has_value(), "the frame is well formed");
  const wire::TcpOptions options = wire::ScanTcpOptions(*packet);
  Check(options.mp_capable != wire::MpCapableForm::kOpening || packet->is_syn(),
        "only a SYN opens a connection");
}

}  // namespace
}  // namespace joinery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMaxOptions = 40;
  constexpr uint8_t kPayload = 0x80;
  if (size == 0 || size - 1 > kMaxOptions) return 0;
  joinery::fuzz::FeedList(data[0] & 0x1f, (data[0] & kPayload) != 0, {data + 1, size - 1});
  return 0;
}
