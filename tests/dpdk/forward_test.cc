// joinery-lb from a capture to a capture: what goes in, what comes out, what is counted. Needs no
// root: net_pcap reads and writes files.
#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/big_endian.h"
#include "tests/dpdk/program.h"
#include "tools/pcap/pcap_file.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ndp.h"
#include "wire/packet_view.h"
#include "wire/testing/packet_builder.h"

namespace joinery::testing {
namespace {

using ::testing::HasSubstr;
using wire::testing::Bytes;
using wire::testing::Ip;

constexpr MacAddress kPortMac{{0x02, 0x70, 0x63, 0x61, 0x70, 0x00}};  // net_pcap's first device
constexpr MacAddress kClientMac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr MacAddress kBackendMac{{0x02, 0, 0, 0, 0, 0x0b}};
constexpr MacAddress kOtherMac{{0x02, 0, 0, 0, 0, 0x77}};

constexpr const char* kPool = R"(
pools:
  - name: web
    id: 1
    handshake: none
    hash_secret_file: hash.key
    vips:
      - {address: 198.18.0.100, ports: [80, 8000-8099]}
      - {address: 198.18.0.100, protocol: udp, ports: all}
      - {address: "2001:db8:9::100", ports: [80]}
    backends:
      - {name: b1, id: 1, address: 198.18.0.11}
)";

constexpr uint16_t kVlan = 7;
constexpr const char* kOnVlan = "      vlan: 7\n";

// `port` is further lines of the port.
std::string Config(const ScratchDirectory& directory, const std::string& device,
                   const std::string& port) {
  return "balancer:\n"
         "  name: smoke\n"
         "  idle: sleep\n"
         "  lcores: [0]\n"
         "  eal_options: [--no-huge, -m, \"96\"]\n"
         "  stats_socket: " +
         (directory / "lb.sock") +
         "\n"
         "  ports:\n"
         "    - name: lan\n"
         "      device: \"" +
         device +
         "\"\n"
         "      addresses: [198.18.0.2/24, \"2001:db8::2/64\"]\n" +
         port + kPool;
}

Bytes Arp(uint16_t operation, const MacAddress& source, const MacAddress& destination,
          const std::string& sender, const std::string& target) {
  Bytes payload(wire::ArpView::kLength);
  wire::ArpView::Emit({.operation = operation,
                       .sender_hardware = source,
                       .sender_protocol = Ip(sender),
                       .target_hardware = operation == wire::kArpReply ? destination : MacAddress{},
                       .target_protocol = Ip(target)},
                      std::span<uint8_t, wire::ArpView::kLength>(payload));
  return wire::testing::BuildEthernet(
      {.source = source, .destination = destination, .vlan_ids = {}}, wire::kEtherTypeArp, payload);
}

wire::testing::IpSpec ToVip(const std::string& source, const std::string& vip) {
  wire::testing::IpSpec ip;
  ip.link = {.source = kClientMac, .destination = kPortMac, .vlan_ids = {}};
  ip.source = source;
  ip.destination = vip;
  return ip;
}

Bytes Syn(const std::string& source, const std::string& vip) {
  wire::testing::TcpSpec spec;
  spec.ip = ToVip(source, vip);
  spec.flags = wire::kSyn;
  return BuildTcp(spec);
}

Bytes Solicitation(const std::string& source, const std::string& target) {
  wire::NdpFields fields;
  fields.target = Ip(target);
  fields.link_layer_address = kClientMac;
  Bytes message(wire::NdpView::EncodedLength(fields));
  wire::NdpView::Emit(fields, message);
  wire::testing::IpSpec ip = ToVip(source, ToString(wire::SolicitedNodeMulticast(fields.target)));
  ip.link.destination = wire::MulticastMac(wire::SolicitedNodeMulticast(fields.target));
  ip.ttl = 255;
  return BuildIcmp(ip, message);
}

// The backend's answers come first and fill the first burst, so that it is known when the second
// one, `frames`, arrives.
std::vector<Bytes> AfterTheBackendAnswered(std::vector<Bytes> frames) {
  constexpr size_t kBurst = 32;
  frames.insert(frames.begin(), kBurst,
                Arp(wire::kArpReply, kBackendMac, kPortMac, "198.18.0.11", "198.18.0.2"));
  return frames;
}

struct Journey {
  std::vector<Bytes> sent;
  std::string stats;
  std::string said;
};

// Lets the balancer work through a capture, asks for its counters and stops it.
Journey Forward(const std::vector<Bytes>& frames, const std::string& port = "") {
  const ScratchDirectory directory;
  WriteKey(directory / "hash.key");
  EXPECT_TRUE(pcap::WriteFrames(directory / "in.pcap", frames));
  const std::string device =
      "net_pcap0,rx_pcap=" + (directory / "in.pcap") + ",tx_pcap=" + (directory / "out.pcap");
  WriteFile(directory / "lb.yaml", Config(directory, device, port));
  Program balancer({"--config", directory / "lb.yaml"}, directory / "lb.log");
  EXPECT_TRUE(balancer.Says("joinery-lb: ready")) << balancer.Said();
  Journey run;
  const std::string received = "\"rx_packets\":" + std::to_string(frames.size());
  for (int look = 0; look < 100 && run.stats.find(received) == std::string::npos; ++look) {
    run.stats = RunToEnd({"--stats", directory / "lb.sock"}, directory).said;
  }
  balancer.Signal(SIGTERM);
  EXPECT_EQ(balancer.Wait(), 0) << balancer.Said();
  run.said = balancer.Said();
  auto sent = pcap::ReadFrames(directory / "out.pcap");
  EXPECT_TRUE(sent) << sent.error().message;
  if (sent) run.sent = *std::move(sent);
  return run;
}

std::vector<Bytes> OfType(const std::vector<Bytes>& frames, uint16_t ethertype) {
  std::vector<Bytes> matching;
  std::ranges::copy_if(frames, std::back_inserter(matching), [&](const Bytes& frame) {
    return LoadBe16(&frame[wire::EthernetView::kEtherType]) == ethertype;
  });
  return matching;
}

TEST(ForwardTest, SendsASynToTheBackendWithNewLinkAddressesAndOneHopLess) {
  const Bytes syn = Syn("198.18.7.7", "198.18.0.100");
  const Journey run = Forward(AfterTheBackendAnswered({syn}));
  const std::vector<Bytes> ip = OfType(run.sent, wire::kEtherTypeIpv4);
  ASSERT_EQ(ip.size(), 1U) << run.stats;
  const auto ethernet = wire::EthernetView::Parse(ip[0]);
  EXPECT_EQ(ethernet->source(), kPortMac);
  EXPECT_EQ(ethernet->destination(), kBackendMac);

  const auto before = wire::ParseFrame(syn);
  const auto after = wire::ParseFrame(ip[0]);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->ttl, before->ttl - 1);
  EXPECT_EQ(wire::InternetChecksum(after->ip().first(20)), 0);
  EXPECT_TRUE(std::ranges::equal(after->l4(), before->l4()));
  EXPECT_EQ(after->source, before->source);
  EXPECT_EQ(after->destination, before->destination);

  EXPECT_THAT(run.stats, HasSubstr(R"("placement":1)"));
  EXPECT_THAT(run.stats, HasSubstr(R"("b1":{"id":1,"state":"up","packets":1,)"));
  EXPECT_THAT(run.stats, HasSubstr(R"("no_neighbour":0)"));
  EXPECT_THAT(run.stats, HasSubstr(R"({"port":"lan","address":"198.18.0.11","state":"reachable",)"
                                   R"("mac":"02:00:00:00:00:0b"})"));
}

TEST(ForwardTest, CarriesIpv6ToAnIpv4Backend) {
  const Journey run = Forward(AfterTheBackendAnswered({Syn("2001:db8:7::7", "2001:db8:9::100")}));
  const std::vector<Bytes> ip = OfType(run.sent, wire::kEtherTypeIpv6);
  ASSERT_EQ(ip.size(), 1U) << run.stats;
  EXPECT_EQ(wire::EthernetView::Parse(ip[0])->destination(), kBackendMac);
  EXPECT_EQ(wire::ParseFrame(ip[0])->ttl, 63);
}

TEST(ForwardTest, CarriesUdpOnEveryPortAndTcpInARange) {
  wire::testing::TcpSpec tcp{.ip = ToVip("198.18.7.7", "198.18.0.100"), .flags = wire::kSyn};
  tcp.destination_port = 8099;
  wire::testing::TcpSpec outside = tcp;
  outside.destination_port = 8100;
  const wire::testing::UdpSpec udp{.ip = tcp.ip, .destination_port = 65535, .payload = {1, 2, 3}};
  const std::vector<Bytes> frames = {BuildTcp(tcp), BuildUdp(udp), BuildTcp(outside)};
  const Journey run = Forward(AfterTheBackendAnswered(frames));
  const std::vector<Bytes> ip = OfType(run.sent, wire::kEtherTypeIpv4);
  ASSERT_EQ(ip.size(), 2U) << run.stats;
  for (size_t i = 0; i < ip.size(); ++i) {
    const auto before = wire::ParseFrame(frames[i]);
    const auto after = wire::ParseFrame(ip[i]);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->ttl, before->ttl - 1);
    EXPECT_EQ(wire::InternetChecksum(after->ip().first(20)), 0);
    EXPECT_TRUE(std::ranges::equal(after->l4(), before->l4())) << "its checksum still holds";
  }
  EXPECT_THAT(run.stats, HasSubstr(R"("no_service":1)"));
}

TEST(ForwardTest, AsksForABackendAndCountsWhatItCannotSendYet) {
  const Journey run = Forward({Syn("198.18.7.7", "198.18.0.100")});
  EXPECT_TRUE(OfType(run.sent, wire::kEtherTypeIpv4).empty());
  EXPECT_THAT(run.stats, HasSubstr(R"("no_neighbour":1)"));
  const std::vector<Bytes> arp = OfType(run.sent, wire::kEtherTypeArp);
  ASSERT_FALSE(arp.empty());
  EXPECT_EQ(wire::EthernetView::Parse(arp[0])->destination(), kBroadcastMac);
  const auto question = wire::ArpView::Parse(std::span(arp[0]).subspan(14));
  EXPECT_EQ(question->target_protocol(), Ip("198.18.0.11"));
  EXPECT_EQ(question->sender_protocol(), Ip("198.18.0.2"));
}

TEST(ForwardTest, AnswersForItsOwnAddressesAndForVipsOnTheLink) {
  const Journey run =
      Forward({Arp(wire::kArpRequest, kClientMac, kBroadcastMac, "198.18.0.1", "198.18.0.100"),
               Arp(wire::kArpRequest, kClientMac, kBroadcastMac, "198.18.0.1", "198.18.0.2"),
               Arp(wire::kArpRequest, kClientMac, kBroadcastMac, "198.18.0.1", "198.18.0.99"),
               Solicitation("2001:db8::1", "2001:db8::2"),
               // Not on the link: whoever asks for it there gets no answer.
               Solicitation("2001:db8::1", "2001:db8:9::100")});
  EXPECT_THAT(run.stats, HasSubstr(R"("answered_arp":2)"));
  EXPECT_THAT(run.stats, HasSubstr(R"("answered_ndp":1)"));
  const std::vector<Bytes> ndp = OfType(run.sent, wire::kEtherTypeIpv6);
  ASSERT_EQ(ndp.size(), 1U);
  const auto packet = wire::ParseFrame(ndp[0]);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(wire::NdpPacketIsValid(*packet));
  const auto advertisement = wire::NdpView::Parse(packet->l4());
  EXPECT_EQ(advertisement->target(), Ip("2001:db8::2"));
  EXPECT_EQ(advertisement->link_layer_address(), kPortMac);
  EXPECT_TRUE(advertisement->solicited());
}

TEST(ForwardTest, LeavesOtherStationsFramesAlone) {
  Bytes foreign = Syn("198.18.7.7", "198.18.0.100");
  std::ranges::copy(kOtherMac.bytes, foreign.begin());
  Bytes own = Syn("198.18.7.7", "198.18.0.100");
  std::ranges::copy(kPortMac.bytes, own.begin() + 6);
  const Journey run = Forward(AfterTheBackendAnswered({foreign, own}));
  EXPECT_TRUE(OfType(run.sent, wire::kEtherTypeIpv4).empty());
  EXPECT_THAT(run.stats, HasSubstr(R"("foreign_mac":1,"foreign_vlan":0,"own_frame":1)"));
}

// The tag by software: net_pcap has no offload for it.
TEST(ForwardTest, OnAVlanItTakesAndSendsTaggedFramesOnly) {
  const auto tagged = [](std::vector<Bytes> frames, uint16_t vlan) {
    for (Bytes& frame : frames) {
      const std::array<uint8_t, 4> tag = {0x81, 0x00, 0x00, static_cast<uint8_t>(vlan)};
      frame.insert(frame.begin() + wire::EthernetView::kEtherType, tag.begin(), tag.end());
    }
    return frames;
  };
  const Bytes syn = Syn("198.18.7.7", "198.18.0.100");
  std::vector<Bytes> frames = tagged(
      AfterTheBackendAnswered(
          {syn, Arp(wire::kArpRequest, kClientMac, kBroadcastMac, "198.18.0.1", "198.18.0.2")}),
      kVlan);
  frames.push_back(syn);
  frames.push_back(tagged({syn}, kVlan + 1)[0]);
  const Journey run = Forward(frames, kOnVlan);
  EXPECT_THAT(run.stats, HasSubstr(R"("foreign_vlan":2)"));
  EXPECT_THAT(run.stats, HasSubstr(R"("placement":1)"));
  EXPECT_THAT(run.stats, HasSubstr(R"("answered_arp":1)"));
  size_t forwarded = 0;
  for (const Bytes& frame : run.sent) {
    const auto ethernet = wire::EthernetView::Parse(frame);
    ASSERT_EQ(ethernet->tag_count(), 1);
    EXPECT_EQ(ethernet->tag(0), (wire::VlanTag{wire::kEtherTypeVlan, kVlan}));
    if (ethernet->ethertype() != wire::kEtherTypeIpv4) continue;
    ++forwarded;
    EXPECT_EQ(ethernet->destination(), kBackendMac);
    EXPECT_EQ(wire::ParseFrame(frame)->ttl, 63);
  }
  EXPECT_EQ(forwarded, 1U);
}

TEST(ForwardTest, PrintsItsCountersAtTheEnd) {
  const Journey run = Forward(AfterTheBackendAnswered({Syn("198.18.7.7", "198.18.0.100")}));
  EXPECT_THAT(run.said, HasSubstr("configuration version 1\nrules\n"));
  EXPECT_THAT(run.said, HasSubstr("web/b1"));
  EXPECT_THAT(run.said, HasSubstr("reachable"));
}

}  // namespace
}  // namespace joinery::testing
