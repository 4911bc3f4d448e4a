// A whole received frame: ParseFrame, the offsets it promises, the scan of its options, the
// printer.
#include "tests/fuzz/check.h"
#include "wire/ndp.h"
#include "wire/packet_text.h"
#include "wire/packet_view.h"
#include "wire/tcp_options.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace joinery;
  using fuzz::Check;
  if (size > UINT16_MAX) return 0;  // no port receives a longer frame
  const fuzz::Input frame(data, size);
  const auto packet = wire::ParseFrame(frame);
  if (!packet) {
    fuzz::CheckError(packet.error(), frame);
    return 0;
  }
  Check(packet->ip_offset + size_t{packet->ip_length} <= size, "the IP packet lies in the frame");
  Check(packet->ip_offset <= packet->l4_offset, "layer 4 is behind layer 3");
  Check(packet->l4_offset <= packet->payload_offset, "the payload is behind layer 4");
  Check(packet->payload_offset <= packet->ip_offset + packet->ip_length,
        "the payload begins in the IP packet");
  fuzz::Print(ToString(*packet));
  if (packet->kind == wire::PacketKind::kTcp) {
    const wire::TcpOptions options = wire::ScanTcpOptions(*packet);
    Check(!options.join_token || packet->is_syn(), "only a SYN joins");
  }
  if (packet->kind == wire::PacketKind::kIcmp) (void)wire::NdpPacketIsValid(*packet);
  return 0;
}
