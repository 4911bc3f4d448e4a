// The messages of RFC 826, RFC 5227 and RFC 4861, in and out, as frames.
#include "lb/neighbour/responder.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "lb/neighbour/arp.h"
#include "lb/neighbour/echo.h"
#include "lb/neighbour/ndp.h"
#include "lb/neighbour/outcomes.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ndp.h"
#include "wire/packet_view.h"
#include "wire/testing/packet_builder.h"

namespace joinery::neighbour {
namespace {

using wire::testing::Bytes;
using wire::testing::Ip;

constexpr MacAddress kOurs{{2, 0, 0, 0, 0, 0x01}};
constexpr MacAddress kPeer{{2, 0, 0, 0, 0, 0x02}};
constexpr MacAddress kOther{{2, 0, 0, 0, 0, 0x03}};
constexpr MacAddress kGroup{{3, 0, 0, 0, 0, 0x04}};

class ResponderTest : public testing::Test {
 protected:
  ResponderTest() {
    const std::vector<IpAddress> vips = {Ip("198.18.0.100"), Ip("2001:db8::100"), Ip("198.18.9.9"),
                                         Ip("2001:db8:9::9")};
    responder_.SetVirtual(vips);
    v4_ = table_.Acquire(0, Ip("198.18.0.7"), now_).value();
    v6_ = table_.Acquire(0, Ip("2001:db8::7"), now_).value();
  }

  // The reply, or nothing; and how the frame was counted.
  Bytes Handle(const Bytes& frame) {
    const auto before = responder_.counts();
    Bytes reply(256, 0xa5);
    reply.resize(responder_.Handle(0, frame, now_, reply));
    outcome_ = "none";
    for (size_t i = 0; i < kOutcomeCount; ++i) {
      if (responder_.counts()[i] != before[i]) outcome_ = Name(static_cast<Outcome>(i));
    }
    return reply;
  }

  Table table_{16};
  Responder responder_{
      table_,
      {Identity(kOurs, {*IpPrefix::Parse("198.18.0.1/24"), *IpPrefix::Parse("2001:db8::1/64")})}};
  Instant now_{std::chrono::seconds(100)};
  Slot v4_ = 0;
  Slot v6_ = 0;
  std::string outcome_;
};

Bytes Arp(const wire::ArpFields& fields, const MacAddress& destination = kBroadcastMac) {
  Bytes payload(wire::ArpView::kLength);
  wire::ArpView::Emit(fields, std::span<uint8_t, wire::ArpView::kLength>(payload));
  return wire::testing::BuildEthernet(
      {.source = fields.sender_hardware, .destination = destination, .vlan_ids = {}},
      wire::kEtherTypeArp, payload);
}

wire::ArpFields Request(const std::string& sender, const std::string& target) {
  return {.operation = wire::kArpRequest,
          .sender_hardware = kPeer,
          .sender_protocol = Ip(sender),
          .target_hardware = {},
          .target_protocol = Ip(target)};
}

wire::ArpFields Reply(const std::string& sender, const MacAddress& sender_hardware) {
  return {.operation = wire::kArpReply,
          .sender_hardware = sender_hardware,
          .sender_protocol = Ip(sender),
          .target_hardware = kOurs,
          .target_protocol = Ip("198.18.0.1")};
}

struct ArpCase {
  const char* name;
  wire::ArpFields fields;
  const char* outcome;
  State neighbour = State::kIncomplete;  // of 198.18.0.7 afterwards
};

class ArpTest : public ResponderTest, public testing::WithParamInterface<ArpCase> {};

TEST_P(ArpTest, IsTakenAsTheRfcsSay) {
  const Bytes reply = Handle(Arp(GetParam().fields));
  EXPECT_EQ(outcome_, GetParam().outcome);
  EXPECT_EQ(Name(table_.Load(v4_).state()), Name(GetParam().neighbour));
  EXPECT_EQ(reply.empty(), outcome_ != "answered_arp");
}

INSTANTIATE_TEST_SUITE_P(
    Messages, ArpTest,
    testing::Values(ArpCase{.name = "RequestForOurAddress",
                            .fields = Request("198.18.0.9", "198.18.0.1"),
                            .outcome = "answered_arp"},
                    ArpCase{.name = "RequestForAVipOnTheLink",
                            .fields = Request("198.18.0.9", "198.18.0.100"),
                            .outcome = "answered_arp"},
                    ArpCase{.name = "RequestForAVipElsewhere",
                            .fields = Request("198.18.0.9", "198.18.9.9"),
                            .outcome = "ignored"},
                    ArpCase{.name = "RequestForSomebodyElse",
                            .fields = Request("198.18.0.9", "198.18.0.8"),
                            .outcome = "ignored"},
                    ArpCase{.name = "ARequestTellsAboutItsSender",
                            .fields = Request("198.18.0.7", "198.18.0.1"),
                            .outcome = "answered_arp",
                            .neighbour = State::kStale},
                    ArpCase{.name = "AProbeHasNoSenderYet",  // RFC 5227 section 2.1.1
                            .fields = Request("0.0.0.0", "198.18.0.1"),
                            .outcome = "answered_arp"},
                    ArpCase{.name = "ReplyToUs",
                            .fields = Reply("198.18.0.7", kPeer),
                            .outcome = "heard",
                            .neighbour = State::kReachable},
                    ArpCase{.name = "Announcement",  // RFC 5227 section 3
                            .fields = Request("198.18.0.7", "198.18.0.7"),
                            .outcome = "heard",
                            .neighbour = State::kStale},
                    ArpCase{.name = "GroupAddressAsSender",  // RFC 1812 section 3.3.2
                            .fields = Reply("198.18.0.7", kGroup),
                            .outcome = "malformed"},
                    ArpCase{.name = "NoAddressAsSender",
                            .fields = Reply("198.18.0.7", MacAddress{}),
                            .outcome = "malformed"},
                    ArpCase{.name = "MulticastAsSender",
                            .fields = Reply("224.0.0.1", kPeer),
                            .outcome = "malformed"},
                    ArpCase{.name = "SomebodyHasOurAddress",  // RFC 5227 section 2.4
                            .fields = Reply("198.18.0.1", kPeer),
                            .outcome = "conflict"},
                    ArpCase{.name = "SomebodyHasOurVip",
                            .fields = Request("198.18.0.100", "198.18.0.100"),
                            .outcome = "conflict"}),
    [](const auto& row) { return row.param.name; });

TEST_F(ResponderTest, TheArpReplyIsAddressedToTheAsker) {
  const Bytes reply = Handle(Arp(Request("198.18.0.9", "198.18.0.100")));
  ASSERT_EQ(reply.size(), kArpFrameLength);
  const auto ethernet = wire::EthernetView::Parse(reply);
  EXPECT_EQ(ethernet->destination(), kPeer);
  EXPECT_EQ(ethernet->source(), kOurs);
  const auto arp = wire::ArpView::Parse(std::span(reply).subspan(ethernet->header_length()));
  EXPECT_EQ(arp->fields(), (wire::ArpFields{.operation = wire::kArpReply,
                                            .sender_hardware = kOurs,
                                            .sender_protocol = Ip("198.18.0.100"),
                                            .target_hardware = kPeer,
                                            .target_protocol = Ip("198.18.0.9")}));
}

struct NdpCase {
  const char* name;
  wire::NdpFields fields;
  const char* source = "2001:db8::7";
  const char* destination = "2001:db8::1";
  uint8_t hop_limit = 255;
  const char* outcome;
  State neighbour = State::kIncomplete;  // of 2001:db8::7 afterwards
  MacAddress mac = {};                   // where usable
  bool known = false;                    // it answered before, with kPeer
};

Bytes Ndp(const NdpCase& row) {
  Bytes message(wire::NdpView::EncodedLength(row.fields));
  wire::NdpView::Emit(row.fields, message);
  wire::testing::IpSpec ip;
  ip.link = {.source = kPeer, .destination = kOurs, .vlan_ids = {}};
  ip.source = row.source;
  ip.destination = row.destination;
  ip.ttl = row.hop_limit;
  return BuildIcmp(ip, message);
}

wire::NdpFields Solicit(const std::string& target, std::optional<MacAddress> link = kPeer) {
  wire::NdpFields fields;
  fields.target = Ip(target);
  fields.link_layer_address = link;
  return fields;
}

wire::NdpFields Advertise(std::optional<MacAddress> link, bool solicited, bool overriding) {
  return {.type = wire::kNeighbourAdvertisement,
          .router = false,
          .solicited = solicited,
          .overriding = overriding,
          .target = Ip("2001:db8::7"),
          .link_layer_address = link};
}

class NdpTest : public ResponderTest, public testing::WithParamInterface<NdpCase> {};

TEST_P(NdpTest, IsTakenAsTheRfcSays) {
  const NdpCase& row = GetParam();
  if (row.known) table_.Answered(0, Ip("2001:db8::7"), kPeer, now_);
  const Bytes reply = Handle(Ndp(row));
  EXPECT_EQ(outcome_, row.outcome);
  EXPECT_EQ(Name(table_.Load(v6_).state()), Name(row.neighbour));
  if (table_.Load(v6_).usable()) {
    EXPECT_EQ(ToString(table_.Load(v6_).mac()), ToString(row.mac));
  }
  EXPECT_EQ(reply.empty(), outcome_ != "answered_ndp");
}

INSTANTIATE_TEST_SUITE_P(
    Messages, NdpTest,
    testing::Values(
        NdpCase{.name = "SolicitationForOurAddress",
                .fields = Solicit("2001:db8::1"),
                .source = "2001:db8::9",
                .destination = "ff02::1:ff00:1",
                .outcome = "answered_ndp"},
        NdpCase{.name = "SolicitationForAVipOnTheLink",
                .fields = Solicit("2001:db8::100"),
                .source = "2001:db8::9",
                .destination = "ff02::1:ff00:100",
                .outcome = "answered_ndp"},
        NdpCase{.name = "SolicitationForAVipElsewhere",
                .fields = Solicit("2001:db8:9::9"),
                .source = "2001:db8::9",
                .destination = "ff02::1:ff00:9",
                .outcome = "ignored"},
        NdpCase{.name = "UnicastSolicitationWithoutTheOption",  // section 4.3
                .fields = Solicit("2001:db8::1", std::nullopt),
                .outcome = "answered_ndp"},
        NdpCase{.name = "ASolicitationTellsAboutItsSender",
                .fields = Solicit("2001:db8::1"),
                .outcome = "answered_ndp",
                .neighbour = State::kStale,
                .mac = kPeer},
        NdpCase{.name = "DuplicateAddressDetection",  // RFC 4862 section 5.4.3
                .fields = Solicit("2001:db8::1", std::nullopt),
                .source = "::",
                .destination = "ff02::1:ff00:1",
                .outcome = "answered_ndp"},
        NdpCase{.name = "ItMustNotCarryALinkAddress",  // section 7.1.1
                .fields = Solicit("2001:db8::1"),
                .source = "::",
                .destination = "ff02::1:ff00:1",
                .outcome = "malformed"},
        NdpCase{.name = "ItMustGoToTheSolicitedNodes",  // section 7.1.1
                .fields = Solicit("2001:db8::1", std::nullopt),
                .source = "::",
                .outcome = "malformed"},
        NdpCase{.name = "FromBehindARouter",  // section 7.1.1: the hop limit is 255
                .fields = Solicit("2001:db8::1"),
                .hop_limit = 254,
                .outcome = "malformed"},
        NdpCase{.name = "GroupAddressAsSource",
                .fields = Solicit("2001:db8::1", kGroup),
                .outcome = "malformed"},
        NdpCase{.name = "SolicitedAdvertisement",
                .fields = Advertise(kPeer, true, true),
                .outcome = "heard",
                .neighbour = State::kReachable,
                .mac = kPeer},
        NdpCase{.name = "UnsolicitedAdvertisement",
                .fields = Advertise(kPeer, false, true),
                .destination = "ff02::1",
                .outcome = "heard",
                .neighbour = State::kStale,
                .mac = kPeer},
        NdpCase{.name = "SolicitedToAGroup",  // section 7.1.2
                .fields = Advertise(kPeer, true, true),
                .destination = "ff02::1",
                .outcome = "malformed"},
        NdpCase{.name = "AdvertisementWithoutTheOptionToAQuestionOfOurs",  // section 7.2.5
                .fields = Advertise(std::nullopt, true, false),
                .outcome = "heard",
                .neighbour = State::kReachable,
                .mac = kPeer,
                .known = true},
        NdpCase{.name = "AdvertisementWithoutTheOptionBeforeAnyAnswer",  // section 7.2.5
                .fields = Advertise(std::nullopt, true, false),
                .outcome = "ignored"},
        NdpCase{.name = "AnotherLinkAddressWithoutOverride",  // section 7.2.5
                .fields = Advertise(kOther, true, false),
                .outcome = "ignored",
                .neighbour = State::kReachable,
                .mac = kPeer,
                .known = true},
        NdpCase{.name = "AnotherLinkAddressWithOverride",
                .fields = Advertise(kOther, false, true),
                .outcome = "heard",
                .neighbour = State::kStale,
                .mac = kOther,
                .known = true}),
    [](const auto& row) { return row.param.name; });

TEST_F(ResponderTest, TheAdvertisementIsValidAndAddressedToTheAsker) {
  const Bytes reply = Handle(Ndp({.name = "", .fields = Solicit("2001:db8::100"), .outcome = ""}));
  ASSERT_EQ(reply.size(), kNdpFrameLength);
  const auto packet = wire::ParseFrame(reply);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(wire::NdpPacketIsValid(*packet));
  EXPECT_EQ(wire::EthernetView::Parse(reply)->destination(), kPeer);
  EXPECT_EQ(packet->source, Ip("2001:db8::100"));
  EXPECT_EQ(packet->destination, Ip("2001:db8::7"));
  EXPECT_EQ(wire::NdpView::Parse(packet->l4())->fields(),
            (wire::NdpFields{.type = wire::kNeighbourAdvertisement,
                             .router = false,
                             .solicited = true,
                             .overriding = true,
                             .target = Ip("2001:db8::100"),
                             .link_layer_address = kOurs}));
}

TEST_F(ResponderTest, DuplicateAddressDetectionIsAnsweredToAllNodes) {
  const Bytes reply = Handle(Ndp({.name = "",
                                  .fields = Solicit("2001:db8::1", std::nullopt),
                                  .source = "::",
                                  .destination = "ff02::1:ff00:1",
                                  .outcome = ""}));
  const auto packet = wire::ParseFrame(reply);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->destination, Ip("ff02::1"));
  EXPECT_FALSE(wire::NdpView::Parse(packet->l4())->solicited());  // RFC 4861 section 7.2.4
}

Bytes Echo(const std::string& source, const std::string& destination, size_t payload) {
  const bool v4 = Ip(source).is_v4();
  Bytes message = {static_cast<uint8_t>(v4 ? 8 : 128), 0, 0, 0, 0x12, 0x34, 0, 1};
  message.resize(8 + payload, 0x61);
  wire::testing::IpSpec ip;
  ip.link = {.source = kPeer, .destination = kOurs, .vlan_ids = {}};
  ip.source = source;
  ip.destination = destination;
  return BuildIcmp(ip, message);
}

TEST_F(ResponderTest, AnswersEchoOfBothFamilies) {
  for (const auto& [source, destination] :
       {std::pair("198.18.7.7", "198.18.9.9"), std::pair("2001:db8:7::7", "2001:db8::100")}) {
    const Bytes request = Echo(source, destination, 56);
    const Bytes reply = Handle(request);
    ASSERT_EQ(reply.size(), request.size()) << destination;
    EXPECT_EQ(outcome_, "answered_echo");
    const auto packet = wire::ParseFrame(reply);
    ASSERT_TRUE(packet);
    EXPECT_EQ(wire::EthernetView::Parse(reply)->destination(), kPeer);
    EXPECT_EQ(packet->source, Ip(destination));
    EXPECT_EQ(packet->destination, Ip(source));
    EXPECT_EQ(packet->l4()[0], packet->source.is_v4() ? 0 : 129);
    EXPECT_EQ(LoadBe16(&packet->l4()[4]), 0x1234);
    if (packet->source.is_v4()) {
      EXPECT_EQ(wire::InternetChecksum(packet->ip().first(20)), 0);
      EXPECT_EQ(wire::InternetChecksum(packet->l4()), 0);
    } else {
      EXPECT_EQ(wire::TransportChecksum(packet->source, packet->destination, 58, packet->l4()), 0);
    }
  }
}

TEST_F(ResponderTest, OnlyEchoRequestsAreEcho) {
  const auto is_request = [](Bytes frame, uint8_t type) {
    frame[14 + 20] = type;  // behind Ethernet and IPv4
    return IsEchoRequest(*wire::ParseFrame(frame));
  };
  const Bytes request = Echo("198.18.7.7", "198.18.0.1", 8);
  EXPECT_TRUE(is_request(request, 8));
  EXPECT_FALSE(is_request(request, 0));    // the reply
  EXPECT_FALSE(is_request(request, 128));  // a request in IPv6 only
}

TEST_F(ResponderTest, EchoIsBoundedAndChecked) {
  EXPECT_TRUE(Handle(Echo("198.18.7.7", "198.18.0.9", 8)).empty());
  EXPECT_EQ(outcome_, "ignored");  // not our address
  EXPECT_TRUE(Handle(Echo("198.18.7.7", "198.18.0.1", 400)).empty());
  EXPECT_EQ(outcome_, "no_buffer");
  Bytes damaged = Echo("198.18.7.7", "198.18.0.1", 8);
  damaged.back() ^= 1;
  EXPECT_TRUE(Handle(damaged).empty());
  EXPECT_EQ(outcome_, "malformed");

  now_ += std::chrono::seconds(2);
  const Bytes request = Echo("198.18.7.7", "198.18.0.1", 8);
  for (uint32_t i = 0; i < Responder::kEchoesPerSecond; ++i) ASSERT_FALSE(Handle(request).empty());
  EXPECT_TRUE(Handle(request).empty());
  EXPECT_EQ(outcome_, "echo_rate");
  now_ += std::chrono::seconds(1);
  EXPECT_FALSE(Handle(request).empty());
}

TEST_F(ResponderTest, OtherFramesAreCountedAndLeftAlone) {
  wire::testing::TcpSpec tcp;
  tcp.ip.destination = "198.18.0.1";
  EXPECT_TRUE(Handle(BuildTcp(tcp)).empty());
  EXPECT_EQ(outcome_, "ignored");
  EXPECT_TRUE(Handle({1, 2, 3}).empty());
  EXPECT_EQ(outcome_, "malformed");
  // Another VLAN is another link, although its ARP names our address.
  Bytes tagged = Arp(Request("198.18.0.9", "198.18.0.1"));
  const Bytes tag = {0x81, 0x00, 0x00, 0x07};
  tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
  EXPECT_TRUE(Handle(tagged).empty());
  EXPECT_EQ(outcome_, "ignored");
}

TEST_F(ResponderTest, AsksByBroadcastAndByUnicast) {
  Bytes out(128, 0xa5);
  const auto ask = [&](const std::string& target, std::optional<MacAddress> unicast) {
    out.assign(128, 0xa5);
    out.resize(responder_.WriteProbe({.port = 0, .target = Ip(target), .unicast = unicast}, out));
    return wire::EthernetView::Parse(out)->destination();
  };
  EXPECT_EQ(ask("198.18.0.7", std::nullopt), kBroadcastMac);
  const auto arp = wire::ArpView::Parse(std::span(out).subspan(14));
  EXPECT_EQ(arp->fields(), (wire::ArpFields{.operation = wire::kArpRequest,
                                            .sender_hardware = kOurs,
                                            .sender_protocol = Ip("198.18.0.1"),
                                            .target_hardware = {},
                                            .target_protocol = Ip("198.18.0.7")}));
  EXPECT_EQ(ask("198.18.0.7", kPeer), kPeer);

  EXPECT_EQ(ask("2001:db8::7", std::nullopt), (MacAddress{{0x33, 0x33, 0xff, 0, 0, 0x07}}));
  const auto packet = wire::ParseFrame(out);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(wire::NdpPacketIsValid(*packet));
  EXPECT_EQ(packet->destination, Ip("ff02::1:ff00:7"));
  EXPECT_EQ(wire::NdpView::Parse(packet->l4())->link_layer_address(), kOurs);
  EXPECT_EQ(ask("2001:db8::7", kPeer), kPeer);
  EXPECT_EQ(wire::ParseFrame(out)->destination, Ip("2001:db8::7"));
}

TEST_F(ResponderTest, RepliesAndQuestionsNeverWritePastTheirBuffer) {
  Bytes small(kArpFrameLength - 1);
  EXPECT_EQ(responder_.Handle(0, Arp(Request("198.18.0.9", "198.18.0.1")), now_, small), 0U);
  EXPECT_EQ(responder_.WriteProbe({.port = 0, .target = Ip("198.18.0.7"), .unicast = {}}, small),
            0U);
  EXPECT_EQ(responder_.WriteProbe({.port = 0, .target = Ip("2001:db8::7"), .unicast = {}}, small),
            0U);
  EXPECT_EQ(responder_.counts()[static_cast<size_t>(Outcome::kNoBuffer)], 1U);
}

}  // namespace
}  // namespace joinery::neighbour
