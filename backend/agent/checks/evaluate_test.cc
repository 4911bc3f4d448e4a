#include "backend/agent/checks/evaluate.h"

#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "backend/agent/checks/facts.h"

namespace joinery::agent {
namespace {

const IpAddress kVip = *IpAddress::Parse("198.18.1.1");
const IpAddress kVip6 = *IpAddress::Parse("2001:db8::1");
const IpAddress kAny6 = *IpAddress::Parse("::");
const IpAddress kAny4 = *IpAddress::Parse("0.0.0.0");
constexpr char kTfoKey[] = "00000001-00000002-00000003-00000004";

Wanted Wants() {
  const std::vector<PortRange> web = {{Port(80), Port(80)}};
  return {.vips = {{.address = kVip, .protocol = 6, .ports = web},
                   {.address = kVip6, .protocol = 6, .ports = web}},
          .handshake = settings::Handshake::kDerived,
          .encoder = true,
          .min_mtu = 1500,
          .fastopen_key = std::nullopt};
}

SocketRow Listener(const IpAddress& at, uint16_t port, bool v6_only = false) {
  return {.local = at, .local_port = Port(port), .token = Token(), .v6_only = v6_only};
}

// A server where all is well.
Facts Good() {
  Facts facts;
  facts.sysctls = {{"net.mptcp.enabled", "1"},
                   {"net.mptcp.allow_join_initial_addr_port", "1"},
                   {"net.ipv4.tcp_timestamps", "1"},
                   {"net.ipv4.tcp_fastopen", "1"},
                   {"net.ipv4.conf.all.arp_ignore", "1"},
                   {"net.ipv4.conf.all.arp_announce", "2"},
                   {"net.ipv4.conf.all.rp_filter", "0"}};
  facts.interfaces = {
      {.name = "lo", .mtu = 65536, .up = true, .loopback = true, .addresses = {kVip, kVip6}},
      {.name = "eth0", .mtu = 1500, .up = true, .addresses = {*IpAddress::Parse("198.18.0.11")}}};
  facts.limits = MptcpLimits{.subflows = 2, .add_addr_accepted = 0};
  facts.tcp_listeners = {Listener(kAny6, 80)};
  facts.mptcp_listeners = {Listener(kAny6, 80)};
  facts.encoder_present = true;
  facts.encoder_has_scheme = true;
  facts.encoder_counters = {{"layout_mismatch", 0}, {"unknown_caller", 0}};
  return facts;
}

TEST(Evaluate, FindsNothingWrongWithAGoodServer) {
  const auto all = Evaluate(Good(), Wants());
  std::set<Check> seen;
  for (const Judged& judged : all) {
    EXPECT_TRUE(judged.ok) << Name(judged.check) << ": " << judged.detail;
    EXPECT_TRUE(judged.mends.empty()) << Name(judged.check);
    EXPECT_FALSE(judged.detail.empty()) << Name(judged.check);
    EXPECT_TRUE(seen.insert(judged.check).second) << "twice";
  }
  EXPECT_EQ(seen.size(), std::size(kCheckNames));
}

struct Row {
  const char* name;
  std::function<void(Facts&, Wanted&)> change;
  Check check;
  const char* detail;  // part of it
  std::vector<std::string> mends{};
};

const Row kRows[] = {
    {.name = "no module",
     .change = [](Facts& f, Wanted&) { f.encoder_present = false; },
     .check = Check::kModule,
     .detail = "not loaded"},
    {.name = "no scheme",
     .change = [](Facts& f, Wanted&) { f.encoder_has_scheme = false; },
     .check = Check::kModule,
     .detail = "no scheme"},
    {.name = "a probe that does not see the layout",
     .change = [](Facts& f, Wanted&) { f.encoder_counters["layout_mismatch"] = 7; },
     .check = Check::kModuleProbe,
     .detail = "layout_mismatch 7"},
    {.name = "MPTCP is off",
     .change = [](Facts& f, Wanted&) { f.sysctls["net.mptcp.enabled"] = "0"; },
     .check = Check::kMptcp,
     .detail = "sysctl -w net.mptcp.enabled=1",
     .mends = {"sysctl net.mptcp.enabled"}},
    {.name = "a kernel without MPTCP",
     .change = [](Facts& f, Wanted&) { f.sysctls.erase("net.mptcp.enabled"); },
     .check = Check::kMptcp,
     .detail = "this kernel has none"},
    {.name = "no timestamps",
     .change = [](Facts& f, Wanted&) { f.sysctls["net.ipv4.tcp_timestamps"] = "0"; },
     .check = Check::kTcpTimestamps,
     .detail = "net.ipv4.tcp_timestamps=0",
     .mends = {"sysctl net.ipv4.tcp_timestamps"}},
    {.name = "the C flag",
     .change = [](Facts& f, Wanted&) { f.sysctls["net.mptcp.allow_join_initial_addr_port"] = "0"; },
     .check = Check::kJoinInitialAddress,
     .detail = "=0; sysctl",
     .mends = {"sysctl net.mptcp.allow_join_initial_addr_port"}},
    {.name = "no joins allowed",
     .change = [](Facts& f, Wanted&) { f.limits->subflows = 0; },
     .check = Check::kMptcpLimits,
     .detail = "limits set subflows 2",
     .mends = {"MPTCP limits"}},
    {.name = "a server that opens subflows",
     .change =
         [](Facts& f, Wanted&) {
           f.endpoints = {{.address = kVip, .port = Port(), .opens_subflows = true}};
         },
     .check = Check::kMptcpEndpoints,
     .detail = "198.18.1.1"},
    {.name = "nobody listens",
     .change = [](Facts& f,
                  Wanted&) { f.tcp_listeners = f.mptcp_listeners = {Listener(kAny6, 81)}; },
     .check = Check::kListeners,
     .detail = "nobody listens at 198.18.1.1 port 80, 2001:db8::1 port 80"},
    {.name = "IPv4 only",
     .change = [](Facts& f,
                  Wanted&) { f.tcp_listeners = f.mptcp_listeners = {Listener(kAny4, 80)}; },
     .check = Check::kListeners,
     .detail = "nobody listens at 2001:db8::1 port 80;"},
    {.name = "IPv6 only",
     .change = [](Facts& f,
                  Wanted&) { f.tcp_listeners = f.mptcp_listeners = {Listener(kAny6, 80, true)}; },
     .check = Check::kListeners,
     .detail = "nobody listens at 198.18.1.1 port 80;"},
    {.name = "plain TCP",
     .change = [](Facts& f, Wanted&) { f.mptcp_listeners.clear(); },
     .check = Check::kListeners,
     .detail = "mptcpize run"},
    {.name = "nobody in a range of ports",
     .change =
         [](Facts&, Wanted& w) {
           w.vips[0].ports = {{Port(8000), Port(8010)}};
         },
     .check = Check::kListeners,
     .detail = "ports 8000-8010"},
    {.name = "a VIP is missing",
     .change = [](Facts& f, Wanted&) { f.interfaces[0].addresses = {kVip}; },
     .check = Check::kVips,
     .detail = "missing: 2001:db8::1",
     .mends = {"2001:db8::1 to the loopback interface"}},
    {.name = "a VIP that is announced",
     .change = [](Facts& f, Wanted&) { f.interfaces[1].addresses.push_back(kVip); },
     .check = Check::kVips,
     .detail = "on another interface: 198.18.1.1"},
    {.name = "ARP",
     .change = [](Facts& f, Wanted&) { f.sysctls["net.ipv4.conf.all.arp_ignore"] = "0"; },
     .check = Check::kArp,
     .detail = "eth0",
     .mends = {"sysctl net.ipv4.conf.all.arp_ignore", "sysctl net.ipv4.conf.all.arp_announce"}},
    {.name = "a tunnel behind the loose filter",
     .change =
         [](Facts& f, Wanted&) {
           f.interfaces.push_back(
               {.name = "tun44", .mtu = 1480, .up = true, .tunnel = true, .addresses = {}});
           f.sysctls["net.ipv4.conf.tun44.rp_filter"] = "2";
         },
     .check = Check::kRpFilter,
     .detail = "tun44 (2)",
     .mends = {"sysctl net.ipv4.conf.tun44.rp_filter", "sysctl net.ipv4.conf.all.rp_filter"}},
    {.name = "two ways behind the strict filter",
     .change =
         [](Facts& f, Wanted&) {
           f.interfaces.push_back({.name = "eth1", .mtu = 1500, .up = true, .addresses = {}});
           f.sysctls["net.ipv4.conf.eth1.rp_filter"] = "1";
         },
     .check = Check::kRpFilter,
     .detail = "eth1 (1)",
     .mends = {"sysctl net.ipv4.conf.eth1.rp_filter", "sysctl net.ipv4.conf.all.rp_filter"}},
    {.name = "a small MTU",
     .change = [](Facts& f, Wanted&) { f.interfaces[1].mtu = 1400; },
     .check = Check::kMtu,
     .detail = "eth0 1400: below 1500"},
    {.name = "TCP Fast Open without a shared key",
     .change = [](Facts& f, Wanted&) { f.sysctls["net.ipv4.tcp_fastopen"] = "3"; },
     .check = Check::kFastopenKey,
     .detail = "no key is configured"},
    {.name = "TCP Fast Open with another key",
     .change =
         [](Facts& f, Wanted& w) {
           f.sysctls["net.ipv4.tcp_fastopen"] = "3";
           f.sysctls["net.ipv4.tcp_fastopen_key"] = "11111111-0-0-0";
           w.fastopen_key = kTfoKey;
         },
     .check = Check::kFastopenKey,
     .detail = "another one",
     .mends = {"sysctl net.ipv4.tcp_fastopen_key"}},
    {.name = "what could not be found out",
     .change = [](Facts& f, Wanted&) { f.trouble = {"MPTCP limits: no permission"}; },
     .check = Check::kFacts,
     .detail = "no permission"},
};

TEST(Evaluate, FindsEachThingAndNothingElse) {
  for (const Row& row : kRows) {
    Facts facts = Good();
    Wanted wanted = Wants();
    row.change(facts, wanted);
    bool found = false;
    for (const Judged& judged : Evaluate(facts, wanted)) {
      if (judged.check != row.check) {
        EXPECT_TRUE(judged.ok) << row.name << ": " << Name(judged.check) << ": " << judged.detail;
        continue;
      }
      found = true;
      EXPECT_FALSE(judged.ok) << row.name;
      EXPECT_NE(judged.detail.find(row.detail), std::string::npos)
          << row.name << ": " << judged.detail;
      std::vector<std::string> mends;
      for (const Mend& mend : judged.mends) mends.push_back(ToString(mend));
      EXPECT_EQ(mends, row.mends) << row.name;
    }
    EXPECT_TRUE(found) << row.name;
  }
}

TEST(Evaluate, AcceptsTheSharedFastOpenKey) {
  Facts facts = Good();
  facts.sysctls["net.ipv4.tcp_fastopen"] = "3";
  facts.sysctls["net.ipv4.tcp_fastopen_key"] = kTfoKey;
  Wanted wanted = Wants();
  wanted.fastopen_key = kTfoKey;
  for (const Judged& judged : Evaluate(facts, wanted)) {
    EXPECT_TRUE(judged.ok) << judged.detail;
    EXPECT_EQ(judged.detail.find("00000001"), std::string::npos) << "the key is a secret";
  }
}

// A pool of stock servers has no module, and its listeners may be plain.
TEST(Evaluate, AsksNoTokensOfStockServers) {
  Facts facts = Good();
  facts.encoder_present = false;
  facts.mptcp_listeners.clear();
  facts.sysctls["net.mptcp.allow_join_initial_addr_port"] = "0";
  Wanted wanted = Wants();
  wanted.handshake = settings::Handshake::kNone;
  for (const Judged& judged : Evaluate(facts, wanted)) {
    EXPECT_TRUE(judged.ok) << Name(judged.check) << ": " << judged.detail;
  }
}

TEST(Evaluate, NamesFewAndCountsTheRest) {
  Facts facts = Good();
  Wanted wanted = Wants();
  for (uint16_t port = 100; port < 120; ++port)
    wanted.vips[0].ports.push_back({Port(port), Port(port)});
  for (const Judged& judged : Evaluate(facts, wanted)) {
    if (judged.check == Check::kListeners) {
      EXPECT_NE(judged.detail.find("and 15 more"), std::string::npos) << judged.detail;
    }
  }
}

}  // namespace
}  // namespace joinery::agent
