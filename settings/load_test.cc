#include "settings/load.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "settings/errors.h"
#include "settings/fake_keys.h"
#include "settings/golden.h"
#include "settings/to_yaml.h"

namespace joinery::settings {
namespace {

constexpr char kEveryKey[] = "settings/testdata/every_key.yaml";

Config LoadEveryKey() {
  auto config = LoadText("every_key", ReadSource(kEveryKey), FakeKeys());
  EXPECT_TRUE(config) << ToString(config.error().front());
  return config ? *std::move(config) : Config{};
}

TEST(Load, ReadsEveryKey) {
  const Config config = LoadEveryKey();
  EXPECT_EQ(config.lb.name, "lb1");
  EXPECT_EQ(config.lb.user, "joinery");
  EXPECT_EQ(config.lb.steering, Steering::kFiveTuple);
  EXPECT_EQ(config.lb.idle, Idle::kSleep);
  EXPECT_EQ(config.lb.lcores, (std::vector<uint16_t>{1, 3}));
  EXPECT_EQ(config.lb.eal_options, (std::vector<std::string>{"--no-huge", "-m 512"}));
  EXPECT_EQ(config.lb.stats_socket, "/run/joinery/a \"b\".sock");
  EXPECT_EQ(config.lb.cache_flows, 1024U);
  EXPECT_EQ(config.lb.hash_rate, 0U);
  EXPECT_EQ(ToString(*config.lb.metrics), "[::1]:9999");
  EXPECT_EQ(config.lb.log, Log::kJson);
  ASSERT_EQ(config.lb.ports.size(), 1U);
  const PortConfig& port = config.lb.ports[0];
  EXPECT_EQ(port.device, "net_af_packet0,iface=east");
  EXPECT_EQ(port.addresses[1], *IpPrefix::Parse("2001:db8::2/64"));
  EXPECT_EQ(port.gateways[0], *IpAddress::Parse("198.18.0.1"));
  EXPECT_EQ(port.mtu, 9000);
  EXPECT_EQ(port.vlan, 4094);
}

TEST(Load, ReadsPools) {
  const Config config = LoadEveryKey();
  ASSERT_EQ(config.pools.size(), 2U);
  const Pool& web = config.pools[0];
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.id, PoolId(4294967295));
  EXPECT_EQ(web.max_backends, 32);
  EXPECT_EQ(web.handshake, Handshake::kExplicit);
  EXPECT_EQ(web.scheme.id_bits, 6);
  EXPECT_EQ(web.scheme.generation_bits, 3);
  ASSERT_EQ(web.scheme.generations.size(), 2U);
  EXPECT_EQ(web.scheme.generations[0].codepoint, Codepoint(6));
  EXPECT_EQ(web.scheme.generations[0].serial, Serial(9223372036854775807));
  EXPECT_EQ(web.scheme.generations[0].state, GenerationState::kDraining);
  EXPECT_EQ(web.scheme.generations[1].key, *FakeKeys()("keys/web_1.key"));
  ASSERT_TRUE(web.cookie);
  EXPECT_EQ(web.cookie->rule, CookieRule::kTrusted);
  ASSERT_EQ(web.cookie->epochs.size(), 2U);
  EXPECT_EQ(web.cookie->epochs[0].serial, Serial(4294967294));
  EXPECT_EQ(web.cookie->epochs[0].state, GenerationState::kDraining);
  EXPECT_EQ(web.cookie->epochs[1].key, *FakeKeys()("keys/web_cookie_1.key"));
  EXPECT_EQ(web.hash_secret, *FakeKeys()("keys/web.key"));
  EXPECT_EQ(web.table_size, 251U);
  EXPECT_EQ(web.join_rate, 1U);
  constexpr auto kOne = &PortRange::One;
  EXPECT_EQ(web.vips[0].ports,
            (std::vector<PortRange>{kOne(Port(80)), kOne(Port(443)), kOne(Port(65535))}));
  EXPECT_EQ(web.vips[1].protocol, 17);
  EXPECT_EQ(web.vips[1].ports,
            (std::vector<PortRange>{kOne(Port(443)), {Port(8000), Port(8099)}, kOne(Port(65535))}));
  EXPECT_EQ(web.vips[2].ports, (std::vector<PortRange>{PortRange::All()}));
  EXPECT_EQ(web.backends[1].id, BackendId(63));
  EXPECT_EQ(web.backends[1].weight, 1000U);
  EXPECT_EQ(web.backends[1].state, BackendState::kDraining);
}

TEST(Load, ReadsControl) {
  const std::string port = "{name: a, device: net_null0, addresses: [198.18.0.2/24]}";
  const std::string balancer = "balancer: {metrics: off, ports: [" + port + "]}\n";
  const auto remote = LoadText("remote",
                               balancer +
                                   "control:\n"
                                   "  address: 198.18.0.5:7443\n"
                                   "  tls: {ca: /pki/ca.pem, certificate: /pki/lb.pem, "
                                   "key: /pki/lb.key}\n"
                                   "  state_dir: /srv/lb\n",
                               FakeKeys());
  ASSERT_TRUE(remote) << ToString(remote.error().front());
  EXPECT_FALSE(remote->lb.metrics);
  EXPECT_TRUE(remote->pools.empty());
  EXPECT_EQ(remote->control, (Control{.unix = "",
                                      .address = Endpoint::Parse("198.18.0.5:7443"),
                                      .tls = TlsFiles{"/pki/ca.pem", "/pki/lb.pem", "/pki/lb.key"},
                                      .state_dir = "/srv/lb"}));
  const auto again = LoadText("printed", ToYaml(*remote), FakeKeys());
  ASSERT_TRUE(again) << ToYaml(*remote);
  EXPECT_EQ(again->control, remote->control);

  const auto local =
      LoadText("local", balancer + "control: {unix: /run/control.sock}\n", FakeKeys());
  ASSERT_TRUE(local) << ToString(local.error().front());
  EXPECT_EQ(local->control->unix, "/run/control.sock");
  EXPECT_EQ(local->control->state_dir, Control{}.state_dir);
}

TEST(Load, StockPoolHasNoScheme) {
  const Config config = LoadEveryKey();
  EXPECT_EQ(config.pools[1].handshake, Handshake::kNone);
  EXPECT_TRUE(config.pools[1].scheme.generations.empty());
  EXPECT_FALSE(config.pools[1].cookie);
  EXPECT_EQ(config.pools[1].scheme.id_bits, 8) << "of the default of max_backends";
}

// What is printed says all there is: loading it again prints the same.
TEST(ToYaml, RoundTrips) {
  const std::string printed = ToYaml(LoadEveryKey());
  const auto again = LoadText("printed", printed, FakeKeys());
  ASSERT_TRUE(again) << ToString(again.error().front()) << "\n" << printed;
  EXPECT_EQ(ToYaml(*again), printed);
  EXPECT_EQ(again->pools[0].hash_secret, LoadEveryKey().pools[0].hash_secret);
}

TEST(ToYaml, ShowsDefaultsAndNoSecrets) {
  ExpectGolden("settings/testdata/every_key.effective", ToYaml(LoadEveryKey()));
}

std::string CheckOutput(const std::string& path) {
  std::ostringstream out;
  const bool valid = Check(path, out);
  return (valid ? "valid\n" : "invalid\n") + out.str();
}

TEST(Check, SaysWhatIsWrongWithTheFile) {
  EXPECT_EQ(CheckOutput("/nowhere/lb.yaml"),
            "invalid\n/nowhere/lb.yaml: cannot be opened: No such file or directory\n"
            "/nowhere/lb.yaml: 1 error\n");
  EXPECT_EQ(CheckOutput("/"), "invalid\n/: is a directory; expected a file\n/: 1 error\n");
}

TEST(Check, CountsErrors) {
  const std::string path = testing::TempDir() + "/two.yaml";
  std::ofstream(path) << "balancr: 1\n";
  EXPECT_EQ(CheckOutput(path), "invalid\n" + path +
                                   ":1:1: balancr: unknown key; did you mean balancer?\n" + path +
                                   ":1:1: balancer: missing; expected section: a mapping\n" + path +
                                   ":1:1: pools: missing, and control too; exactly one of them "
                                   "says which services there are\n" +
                                   path + ": 3 errors\n");
}

TEST(Load, RefusesHugeFiles) {
  const auto config = LoadText("huge", std::string(kMaxFileBytes + 1, ' '), FakeKeys());
  ASSERT_FALSE(config);
  EXPECT_EQ(ToString(config.error().front()), "huge: longer than 4194304 bytes");
}

TEST(Load, StopsCountingErrors) {
  std::string text = "balancer:\n";
  for (int i = 0; i < 1000; ++i) text += "  wrong" + std::to_string(i) + ": 1\n";
  const auto config = LoadText("many", text, FakeKeys());
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().size(), kMaxDiagnostics + 1);
  EXPECT_EQ(ToString(config.error().back()), "many: too many errors; the rest is left out");
}

}  // namespace
}  // namespace joinery::settings
