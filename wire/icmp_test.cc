#include "wire/icmp.h"

#include <gtest/gtest.h>

#include "wire/testing/view_checks.h"

namespace joinery::wire {
namespace {

using testing::Bytes;
using testing::FromHexText;
using testing::Join;

constexpr IpFamily kV4 = IpFamily::kIpv4;
constexpr IpFamily kV6 = IpFamily::kIpv6;

const testing::IpSpec kIpv6{.source = "2001:db8::2", .destination = "2001:db8::1"};

// What a backend sent, as an error quotes it: without Ethernet, cut after `length` bytes.
Bytes Quote(const Bytes& frame, size_t length = SIZE_MAX) {
  constexpr size_t kEthernet = 14;
  const size_t end = std::min(length, frame.size() - kEthernet) + kEthernet;
  return {frame.begin() + kEthernet, frame.begin() + static_cast<std::ptrdiff_t>(end)};
}

Bytes TcpSent(const testing::IpSpec& ip) {
  return testing::BuildTcp({.ip = ip,
                            .source_port = 80,
                            .destination_port = 40000,
                            .options = Join({{1, 1}, testing::TimestampsOption(7, 9)}),
                            .payload = Bytes(100)});
}

const testing::IpSpec kIpv4{.source = "198.18.0.2", .destination = "198.18.0.1"};

struct Row {
  const char* name;
  IpFamily family;
  Bytes message;
  bool is_error;
  std::optional<uint32_t> mtu;
  const char* text;
};

const Row kRows[] = {
    {"v4 echo", kV4, FromHexText("08 00 0000 0001 0002"), false, {}, "icmpv4 type 8 code 0"},
    {"v6 echo", kV6, FromHexText("80 00 0000 0001 0002"), false, {}, "icmpv6 type 128 code 0"},
    {"v4 fragmentation needed, whole packet", kV4,
     Join({FromHexText("03 04 0000 0000 0578"), Quote(TcpSent(kIpv4))}), true, 1400,
     "icmpv4 type 3 code 4 mtu 1400 [198.18.0.2:80 > 198.18.0.1:40000 tcp]"},
    {"v4 port unreachable, 8 bytes of UDP",
     kV4,
     Join({FromHexText("03 03 0000 0000 0000"),
           Quote(testing::BuildUdp({.ip = kIpv4, .payload = Bytes(50)}), 28)}),
     true,
     {},
     "icmpv4 type 3 code 3 [198.18.0.2:40000 > 198.18.0.1:53 udp]"},
    {"v4 time exceeded, nothing but the IP header",
     kV4,
     Join({FromHexText("0b 00 0000 0000 0000"), Quote(TcpSent(kIpv4), 20)}),
     true,
     {},
     "icmpv4 type 11 code 0 [198.18.0.2 > 198.18.0.1 tcp]"},
    {"v4 a later fragment has no ports",
     kV4,
     Join({FromHexText("0b 00 0000 0000 0000"),
           Quote(testing::BuildIp(
               {.source = "198.18.0.2", .destination = "198.18.0.1", .fragment = 5}, 6,
               Bytes(40)))}),
     true,
     {},
     "icmpv4 type 11 code 0 [198.18.0.2 > 198.18.0.1 tcp]"},
    {"v6 packet too big", kV6, Join({FromHexText("02 00 0000 00000500"), Quote(TcpSent(kIpv6))}),
     true, 1280, "icmpv6 type 2 code 0 mtu 1280 [[2001:db8::2]:80 > [2001:db8::1]:40000 tcp]"},
    {"v6 unreachable, behind an extension header",
     kV6,
     Join({FromHexText("01 04 0000 00000000"),
           Quote(testing::BuildUdp({.ip = {.source = "2001:db8::2",
                                           .destination = "2001:db8::1",
                                           .extensions = FromHexText("11 00 010400000000"),
                                           .first_extension = 60}}))}),
     true,
     {},
     "icmpv6 type 1 code 4 [[2001:db8::2]:40000 > [2001:db8::1]:53 udp]"},
    {"v4 an error that quotes nothing",
     kV4,
     FromHexText("03 01 0000 0000 0000"),
     true,
     {},
     "icmpv4 type 3 code 1 [truncated at 0: the header is longer than the bytes there are]"},
    {"v4 parameter problem about GRE",
     kV4,
     Join({FromHexText("0c 00 0000 0000 0000"), Quote(testing::BuildIp(kIpv4, 47, Bytes(8)))}),
     true,
     {},
     "icmpv4 type 12 code 0 [198.18.0.2 > 198.18.0.1 proto 47]"},
    {"v6 time exceeded, a later fragment",
     kV6,
     Join({FromHexText("03 00 0000 00000000"),
           Quote(testing::BuildIp({.source = "2001:db8::2",
                                   .destination = "2001:db8::1",
                                   .extensions = FromHexText("06 00 0008 00000001"),
                                   .first_extension = 44},
                                  6, Bytes(8)))}),
     true,
     {},
     "icmpv6 type 3 code 0 [2001:db8::2 > 2001:db8::1 tcp]"},
    {"v6 type 0 is reserved",
     kV6,
     FromHexText("00 00 0000 00000000"),
     false,
     {},
     "icmpv6 type 0 code 0"},
    {"v6 type 5 is no error that anybody defines",
     kV6,
     FromHexText("05 00 0000 00000000"),
     false,
     {},
     "icmpv6 type 5 code 0"},
    {"v4 redirect is no error that is steered",
     kV4,
     FromHexText("05 01 0000 c6120001"),
     false,
     {},
     "icmpv4 type 5 code 1"},
};

TEST(Icmp, ReadsPrintsAndWritesEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto view = IcmpView::Parse(row.family, row.message);
    ASSERT_TRUE(view) << ToString(view.error());
    EXPECT_EQ(view->is_error(), row.is_error);
    EXPECT_EQ(view->too_big_mtu(), row.mtu);
    EXPECT_EQ(ToString(*view), row.text);
    const Bytes head(row.message.begin(), row.message.begin() + IcmpView::kLength);
    testing::ExpectEmits(head, [&](auto out) {
      IcmpView::Emit(view->fields(), out.template first<IcmpView::kLength>());
    });
    testing::ExpectEveryPrefixFails(
        head, [&](std::span<const uint8_t> b) { return IcmpView::Parse(row.family, b); });
  }
}

TEST(Icmp, AQuoteCutAnywhereSaysWhatItHas) {
  constexpr size_t kIpHeader = 20;
  const Bytes whole = Quote(TcpSent(kIpv4));
  for (size_t length = 0; length <= whole.size(); ++length) {
    SCOPED_TRACE(length);
    const Bytes message =
        Join({FromHexText("0b 00 0000 0000 0000"), Quote(TcpSent(kIpv4), length)});
    const auto quoted = IcmpView::Parse(kV4, message)->quoted();
    ASSERT_EQ(quoted.has_value(), length >= kIpHeader);
    if (!quoted) continue;
    EXPECT_EQ(quoted->source_port.has_value(), length >= kIpHeader + 4);
    const size_t options = length <= kIpHeader + 20 ? 0 : std::min<size_t>(length - 40, 12);
    EXPECT_EQ(quoted->tcp_options.size(), options);
  }
}

TEST(Icmp, ATcpHeaderWithoutOptionsHasNone) {
  const Bytes message = Join({FromHexText("0b 00 0000 0000 0000"),
                              Quote(testing::BuildTcp({.ip = kIpv4, .payload = Bytes(100)}))});
  EXPECT_TRUE(IcmpView::Parse(kV4, message)->quoted()->tcp_options.empty());
}

TEST(Icmp, NamesWhatIsWrongInAQuote) {
  struct BadRow {
    const char* name;
    IpFamily family;
    std::string quote;
    ParseError error;
  };
  const std::string v6_addresses(64, '0');
  const BadRow rows[] = {
      {"IPv6 in ICMPv4", kV4, "60" + std::string(78, '0'), {ParseReason::kBadIpVersion, 0}},
      {"IPv4 in ICMPv6", kV6, "45" + std::string(78, '0'), {ParseReason::kBadIpVersion, 0}},
      {"a header of 16", kV4, "44" + std::string(38, '0'), {ParseReason::kBadIpHeaderLength, 0}},
      {"options cut off", kV4, "46000018" + std::string(32, '0'), {ParseReason::kTruncated, 20}},
      {"a total length below the header's",
       kV4,
       "45000013" + std::string(32, '0'),
       {ParseReason::kBadIpTotalLength, 2}},
      {"half an IPv6 header", kV6, "60000000", {ParseReason::kTruncated, 4}},
      {"an extension header cut off",
       kV6,
       "600000000008 3c 40" + v6_addresses + "060001",
       {ParseReason::kTruncated, 40}},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Bytes message = Join({FromHexText("03 01 0000 0000 0000"), FromHexText(row.quote)});
    const auto quoted = IcmpView::Parse(row.family, message)->quoted();
    ASSERT_FALSE(quoted);
    EXPECT_EQ(quoted.error(), row.error) << ToString(quoted.error());
  }
}

}  // namespace
}  // namespace joinery::wire
