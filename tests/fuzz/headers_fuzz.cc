// One header, chosen by the first byte: parse, print, round trip.
#include "tests/fuzz/check.h"
#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/gue.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ipv6_extensions.h"
#include "wire/ndp.h"
#include "wire/tcp.h"
#include "wire/udp.h"

namespace joinery::fuzz {
namespace {

// `rest` says what of the view goes behind the header again, for the lengths to be right.
template <typename View, typename ParseFunction, typename RestFunction>
void Feed(Input input, const ParseFunction& parse, const RestFunction& rest) {
  const Expected<View, wire::ParseError> view = parse(input);
  if (!view) return CheckError(view.error(), input);
  if constexpr (requires { ToString(*view); }) Print(ToString(*view));
  CheckRoundTrip(*view, parse, rest(*view));
}

constexpr auto kPayload = [](const auto& view) { return view.payload(); };
constexpr auto kNothing = [](const auto&) { return Input{}; };

void FeedIcmp(IpFamily family, Input input) {
  Feed<wire::IcmpView>(
      input, [family](Input bytes) { return wire::IcmpView::Parse(family, bytes); },
      [](const auto& view) { return view.body(); });
}

void FeedExtensions(Input input) {
  if (input.empty()) return;
  const auto upper = wire::WalkIpv6Extensions(input[0], input.subspan(1));
  if (!upper) return CheckError(upper.error(), input);
  Check(upper->offset <= input.size() - 1, "the upper header begins in the packet");
}

void FeedOne(uint8_t which, Input input) {
  switch (which % 10) {
    case 0:
      return Feed<wire::EthernetView>(input, wire::EthernetView::Parse, kNothing);
    case 1:
      return Feed<wire::Ipv4View>(input, wire::Ipv4View::Parse, kPayload);
    case 2:
      return Feed<wire::Ipv6View>(input, wire::Ipv6View::Parse, kPayload);
    case 3:
      return Feed<wire::TcpView>(input, wire::TcpView::Parse, kPayload);
    case 4:
      return Feed<wire::UdpView>(input, wire::UdpView::Parse, kPayload);
    case 5:
      return Feed<wire::ArpView>(input, wire::ArpView::Parse, kNothing);
    case 6:
      return Feed<wire::NdpView>(input, wire::NdpView::Parse, kNothing);
    case 7:
      return Feed<wire::GueView>(input, wire::GueView::Parse,
                                 [](const auto& view) { return view.inner(); });
    case 8:
      return FeedExtensions(input);
    default:
      FeedIcmp(IpFamily::kIpv4, input);
      FeedIcmp(IpFamily::kIpv6, input);
  }
}

}  // namespace
}  // namespace joinery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > UINT16_MAX) return 0;
  joinery::fuzz::FeedOne(data[0], {data + 1, size - 1});
  return 0;
}
