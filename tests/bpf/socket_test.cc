// The ingress program and whose a segment is: a socket's gets TSecr 0, what only a listener would
// take gets the bits of a SYN cookie back.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/bpf/connection.h"
#include "tests/bpf/farm.h"
#include "tests/bpf/programs.h"
#include "tests/bpf/vectors.h"
#include "tests/bpf/world.h"

namespace joinery::bpf::testing {
namespace {

using wire::kAck;
using wire::kSyn;
using wire::testing::BuildTcp;
using wire::testing::Join;
using wire::testing::TcpSpec;
using wire::testing::TimestampsOption;

constexpr uint32_t kTsval = 0x12345678;

Bytes Frame(const TcpSpec& spec, uint32_t tsecr) {
  TcpSpec whole = spec;
  whole.options = Join({{1, 1}, TimestampsOption(kTsval, tsecr)});
  return BuildTcp(whole);
}

TEST(Socket, GivesAListenerTheSynBitsOfEveryVector) {
  uint32_t pool = 300;
  for (const Vector& v : ReadVectors()) {
    Apply(SettingsOf(v, ++pool));
    const Socket listener = Listen(v.vip_port);
    const TcpSpec in = {.ip = {.source = v.client, .destination = v.vip},
                        .source_port = v.client_port,
                        .destination_port = v.vip_port};
    EXPECT_EQ(Through(CookieProgram::kIn, Frame(in, v.synack)), Frame(in, v.syn_echo));
    EXPECT_EQ(CountedBy(CookieProgram::kIn, Frame(in, v.synack)), "ingress_returned");
  }
}

TEST(Socket, GivesAListenerAllSixtyFourValues) {
  Farm farm;
  farm.pool = PoolId(400);
  Apply(farm.Settings());
  const Socket listener = Listen(Farm::kVipPort);
  for (const bool v6 : {false, true}) {
    const TcpSpec in = farm.In(v6);
    for (uint32_t low = 0; low < 64; ++low) {
      const uint32_t tsval = 0x12345640 | low;
      const uint32_t echo = farm.Cookie().EncodeSynAck(farm.id, farm.Hash(v6), tsval);
      EXPECT_EQ(Through(CookieProgram::kIn, Frame(in, echo)), Frame(in, 64 | low));
    }
  }
}

// The epoch that the field names, not the one that is being written: a SYN/ACK may be older.
TEST(Socket, ReadsTheEchoUnderItsOwnEpoch) {
  Farm farm;
  farm.pool = PoolId(401);
  CookieSettings settings = farm.Settings();
  const tokenmap::CookieEpoch next{.serial = Serial(10), .key = crypto::Key128::Bytes{9}};
  settings.pools[0].live.push_back(next);
  settings.pools[0].writing = next.serial;
  Apply(settings);
  const Socket listener = Listen(Farm::kVipPort);
  const TcpSpec in = farm.In(true);
  const uint32_t echo = farm.Cookie().EncodeSynAck(farm.id, farm.Hash(true), 0x12345640 | 21);
  EXPECT_EQ(Through(CookieProgram::kIn, Frame(in, echo)), Frame(in, 64 | 21));
  // Of residue 3 there is none: the SYN/ACK was not ours, and its echo is as it has to be.
  const uint32_t foreign = 3U << farm.Cookie().code_bits();
  EXPECT_EQ(Through(CookieProgram::kIn, Frame(in, foreign)), Frame(in, foreign));
  EXPECT_EQ(CountedBy(CookieProgram::kIn, Frame(in, foreign)), "ingress_foreign");
}

// A SYN/ACK is never for a listener: it answers a connection that this host opens from the VIP.
TEST(Socket, ClearsTheEchoOfASynAck) {
  Farm farm;
  farm.pool = PoolId(402);
  Apply(farm.Settings());
  const Socket listener = Listen(Farm::kVipPort);
  TcpSpec in = farm.In(false);
  in.flags = kSyn | kAck;
  EXPECT_EQ(Through(CookieProgram::kIn, Frame(in, 5)), Frame(in, 0));
}

TEST(Socket, ClearsTheEchoForAConnectionBesideItsListener) {
  const Socket listener = Listen(Farm::kVipPort);
  for (const bool v6 : {false, true}) {
    Farm farm;
    farm.pool = PoolId(v6 ? 403 : 404);
    (v6 ? farm.vip6 : farm.vip4) = v6 ? "::1" : "127.0.0.1";
    (v6 ? farm.client6 : farm.client4) = v6 ? "::1" : "127.0.0.1";
    Apply(farm.Settings());
    Connection connection = Connect(listener, Farm::kVipPort, v6);
    TcpSpec in = farm.In(v6);
    in.source_port = connection.client_port;
    const uint32_t echo = 9U << farm.Cookie().code_bits() | 5;
    EXPECT_EQ(Through(CookieProgram::kIn, Frame(in, echo)), Frame(in, 0));
    EXPECT_EQ(CountedBy(CookieProgram::kIn, Frame(in, echo)), "ingress_cleared");
    // The server closes first: its end goes through TIME-WAIT, which still knows the flow.
    connection.server.Close();
    connection.client.Close();
    EXPECT_EQ(Through(CookieProgram::kIn, Frame(in, echo)), Frame(in, 0)) << "TIME-WAIT";
    in.source_port = static_cast<uint16_t>(connection.client_port ^ 1);
    EXPECT_EQ(CountedBy(CookieProgram::kIn, Frame(in, echo)), "ingress_returned");
  }
}

}  // namespace
}  // namespace joinery::bpf::testing
