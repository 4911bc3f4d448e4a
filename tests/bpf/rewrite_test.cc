// The tc programs over frames, by test runs in the kernel: the shared vectors, every layout of
// options, and what must pass untouched. A changed frame is compared with one that is built anew,
// so its checksums are proven against a full computation.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backend/bpf/cookie_programs.h"
#include "base/big_endian.h"
#include "tests/bpf/farm.h"
#include "tests/bpf/programs.h"
#include "tests/bpf/vectors.h"
#include "tests/bpf/world.h"
#include "wire/testing/packet_builder.h"

namespace joinery::bpf::testing {
namespace {

using wire::kAck;
using wire::kSyn;
using wire::testing::BuildEthernet;
using wire::testing::BuildIp;
using wire::testing::BuildTcp;
using wire::testing::BuildUdp;
using wire::testing::Ip;
using wire::testing::IpSpec;
using wire::testing::Join;
using wire::testing::TcpSpec;
using wire::testing::TimestampsOption;

constexpr uint32_t kTsval = 0x12345678, kTsecr = 0x9abcdef0;
const Bytes kNop = {1}, kNopNop = {1, 1};

TcpSpec FromVip(const Vector& v, uint8_t flags, uint32_t tsval) {
  return {.ip = {.source = v.vip, .destination = v.client},
          .source_port = v.vip_port,
          .destination_port = v.client_port,
          .flags = flags,
          .options = Join({kNopNop, TimestampsOption(tsval, kTsecr)}),
          .payload = {1, 2, 3}};
}

TEST(Rewrite, MeetsTheVectorsOnEgress) {
  uint32_t pool = 100;
  for (const Vector& v : ReadVectors()) {
    Apply(SettingsOf(v, ++pool));
    EXPECT_EQ(Through(CookieProgram::kOut, BuildTcp(FromVip(v, kAck, v.tsval))),
              BuildTcp(FromVip(v, kAck, v.segment)));
    EXPECT_EQ(Through(CookieProgram::kOut, BuildTcp(FromVip(v, kSyn | kAck, v.tsval))),
              BuildTcp(FromVip(v, kSyn | kAck, v.synack)));
  }
}

TEST(Rewrite, ClearsTheEchoOfEveryVector) {
  uint32_t pool = 200;
  for (const Vector& v : ReadVectors()) {
    Apply(SettingsOf(v, ++pool));
    const auto frame = [&](uint32_t tsecr) {
      return BuildTcp({.ip = {.source = v.client, .destination = v.vip},
                       .source_port = v.client_port,
                       .destination_port = v.vip_port,
                       .options = Join({kNopNop, TimestampsOption(kTsval, tsecr)})});
    };
    EXPECT_EQ(Through(CookieProgram::kIn, frame(v.segment)), frame(0));
  }
}

// ---- one pool, one VIP of each family, all layouts

struct Layout {
  const char* name;
  Bytes before;
  Bytes after;
};

const Layout kLayouts[] = {
    {"the usual one", kNopNop, {}},
    {"the usual one and a DSS", kNopNop, {30, 8, 0x20, 1, 1, 2, 3, 4}},
    {"of a SYN/ACK: MSS, SACK permitted", {2, 4, 5, 180, 4, 2}, {1, 3, 3, 7}},
    {"at the start", {}, {1, 1}},
    {"at an odd place", kNop, {1}},
    {"at an odd place, behind an odd option", {3, 3, 7}, {1, 1, 1}},
    {"at the very end",
     {30, 20, 0,  1,  2,  3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
      13, 14, 15, 16, 17, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1},
     {}},
    {"behind 30 NOPs", Bytes(30, 1), {}},
    {"behind an option of its kind and another length", {8, 4, 1, 2}, {}},
    {"before end-of-list and rubbish", kNopNop, {0, 8, 1, 1}},
};

Bytes Options(const Layout& layout, uint32_t tsval, uint32_t tsecr) {
  return Join({layout.before, TimestampsOption(tsval, tsecr), layout.after});
}

TEST(Rewrite, FindsTheTimestampsInEveryLayout) {
  const Farm farm;
  Apply(farm.Settings());
  for (const bool v6 : {false, true}) {
    const uint32_t fresh = farm.Cookie().Encode(farm.id, farm.Hash(v6), kTsval);
    for (const Layout& layout : kLayouts) {
      TcpSpec out = farm.Out(v6), out_wanted = out, in = farm.In(v6), in_wanted = in;
      out.options = Options(layout, kTsval, kTsecr);
      out_wanted.options = Options(layout, fresh, kTsecr);
      EXPECT_EQ(Through(CookieProgram::kOut, BuildTcp(out)), BuildTcp(out_wanted)) << layout.name;
      in.options = Options(layout, kTsval, kTsecr);
      in_wanted.options = Options(layout, kTsval, 0);
      EXPECT_EQ(Through(CookieProgram::kIn, BuildTcp(in)), BuildTcp(in_wanted)) << layout.name;
    }
  }
}

TEST(Rewrite, KeepsAllLowBitsOfASynAck) {
  const Farm farm;
  Apply(farm.Settings());
  for (const bool v6 : {false, true}) {
    for (uint32_t low = 0; low < 64; ++low) {
      const uint32_t tsval = (kTsval & ~63U) | low;
      const uint32_t synack = farm.Cookie().EncodeSynAck(farm.id, farm.Hash(v6), tsval);
      TcpSpec out = farm.Out(v6), wanted = out;
      out.flags = wanted.flags = kSyn | kAck;
      out.options = Options(kLayouts[2], tsval, kTsecr);
      wanted.options = Options(kLayouts[2], synack, kTsecr);
      EXPECT_EQ(Through(CookieProgram::kOut, BuildTcp(out)), BuildTcp(wanted));
      EXPECT_EQ(farm.Cookie().SynEcho(synack), 64 | low);
    }
  }
}

TEST(Rewrite, ReadsIpOptionsAndFirstFragments) {
  const Farm farm;
  Apply(farm.Settings());
  const uint32_t fresh = farm.Cookie().Encode(farm.id, farm.Hash(false), kTsval);
  for (const size_t ip_options : {0U, 4U, 40U}) {
    for (const uint16_t fragment : {uint16_t{0}, uint16_t{0x2000}}) {
      TcpSpec out = farm.Out(false), wanted = out;
      out.ip.ip_options = wanted.ip.ip_options = Bytes(ip_options, 1);
      out.ip.fragment = wanted.ip.fragment = fragment;
      out.options = Options(kLayouts[0], kTsval, kTsecr);
      wanted.options = Options(kLayouts[0], fresh, kTsecr);
      EXPECT_EQ(Through(CookieProgram::kOut, BuildTcp(out)), BuildTcp(wanted)) << ip_options;
    }
  }
}

// A program for devices without a link header sees the IP header first. The kernel takes the first
// 14 bytes of a test frame for an Ethernet header anyway, and what would be its type from the
// source address: so that begins with 8.0, or has 86dd in its third group.
TEST(Rewrite, WorksWithoutALinkHeader) {
  Farm farm;
  farm.vip4 = "8.0.0.80";
  farm.vip6 = "2001:db8:86dd::80";
  Apply(farm.Settings());
  for (const bool v6 : {false, true}) {
    TcpSpec out = farm.Out(v6), wanted = out;
    out.options = Options(kLayouts[0], kTsval, kTsecr);
    wanted.options =
        Options(kLayouts[0], farm.Cookie().Encode(farm.id, farm.Hash(v6), kTsval), kTsecr);
    const auto bare = [](const TcpSpec& spec) {
      const Bytes frame = BuildTcp(spec);
      return Bytes(frame.begin() + 14, frame.end());
    };
    EXPECT_EQ(Through(CookieProgram::kOutBare, bare(out)), bare(wanted));
  }
  farm.client4 = "8.0.5.1";
  farm.client6 = "2001:db8:86dd:5::1";
  for (const bool v6 : {false, true}) {
    TcpSpec in = farm.In(v6), wanted = in;
    in.options = Options(kLayouts[0], kTsval, kTsecr);
    wanted.options = Options(kLayouts[0], kTsval, 0);
    const auto bare = [](const TcpSpec& spec) {
      const Bytes frame = BuildTcp(spec);
      return Bytes(frame.begin() + 14, frame.end());
    };
    EXPECT_EQ(Through(CookieProgram::kInBare, bare(in)), bare(wanted));
  }
}

struct Untouched {
  std::string name;
  Bytes frame;
  std::string out;  // counted on egress by this; "" is nothing
  std::string in;   // on ingress, with the addresses as they are: nobody's
};

// As sent by the VIP.
std::vector<Untouched> UntouchedFrames(const Farm& farm, bool v6) {
  const Bytes usual = Options(kLayouts[0], kTsval, kTsecr);
  std::vector<Untouched> rows;
  const auto add = [&](const char* name, const char* out, auto change) {
    TcpSpec spec = farm.Out(v6);
    spec.options = usual;
    change(spec);
    rows.push_back({name, BuildTcp(spec), out, ""});
  };
  add("another address", "",
      [&](TcpSpec& s) { s.ip.source = v6 ? "2001:db8::81" : "198.18.0.81"; });
  if (!v6) add("another port", "", [](TcpSpec& s) { s.source_port = 91; });
  if (!v6) add("another port", "", [](TcpSpec& s) { s.source_port = 69; });
  if (!v6) add("a later fragment", "", [](TcpSpec& s) { s.ip.fragment = 0x2001; });
  if (v6) {
    add("an extension header", "", [](TcpSpec& s) {
      s.ip.extensions = {6, 0, 1, 4, 0, 0, 0, 0};
      s.ip.first_extension = 60;
    });
  }
  add("a VLAN tag in the frame", "", [](TcpSpec& s) { s.ip.link.vlan_ids = {5}; });
  add("no options", "egress_no_timestamps", [](TcpSpec& s) { s.options = {}; });
  add("other options", "egress_no_timestamps", [](TcpSpec& s) { s.options = {2, 4, 5, 180}; });
  add("behind end-of-list", "egress_no_timestamps", [&](TcpSpec& s) {
    s.options = Join({{1, 0}, TimestampsOption(1, 2)});
  });
  add("an option of length 0", "egress_bad_options", [&](TcpSpec& s) {
    s.options = Join({{3, 0}, TimestampsOption(1, 2)});
  });
  add("an option of length 1", "egress_bad_options", [&](TcpSpec& s) {
    s.options = Join({{3, 1}, TimestampsOption(1, 2)});
  });
  add("an option past the end", "egress_bad_options",
      [](TcpSpec& s) { s.options = {1, 1, 8, 10, 1, 2, 3, 4}; });
  add("a kind without a length", "egress_bad_options", [](TcpSpec& s) {
    s.options = {1, 1, 1, 8};
  });
  return rows;
}

TEST(Rewrite, LeavesTheRestAlone) {
  const Farm farm;
  Apply(farm.Settings());
  for (const bool v6 : {false, true}) {
    for (const Untouched& row : UntouchedFrames(farm, v6)) {
      EXPECT_EQ(Through(CookieProgram::kOut, row.frame), row.frame) << row.name;
      EXPECT_EQ(CountedBy(CookieProgram::kOut, row.frame), row.out) << row.name;
      EXPECT_EQ(Through(CookieProgram::kIn, row.frame), row.frame) << row.name;
      EXPECT_EQ(CountedBy(CookieProgram::kIn, row.frame), row.in) << row.name;
    }
  }
}

TEST(Rewrite, LeavesOtherProtocolsAlone) {
  const Farm farm;
  Apply(farm.Settings());
  const IpSpec from_vip = {.source = farm.vip4, .destination = farm.client4};
  const Bytes frames[] = {
      BuildUdp({.ip = from_vip, .source_port = Farm::kVipPort, .payload = Bytes(60, 1)}),
      BuildIp(from_vip, 1, Bytes(60, 8)),
      BuildEthernet({}, 0x0806, Bytes(60, 0)),
      BuildEthernet({}, 0x0800, Bytes(20, 0x45)),
      BuildEthernet({}, 0x0800, Bytes(39, 0x45)),
      BuildEthernet({}, 0x86dd, Bytes(41, 0x60)),
  };
  for (const Bytes& frame : frames) {
    for (const CookieProgram program : {CookieProgram::kOut, CookieProgram::kIn}) {
      EXPECT_EQ(Through(program, frame), frame);
      EXPECT_EQ(CountedBy(program, frame), "");
    }
  }
}

// An IPv4 header of 16 bytes: what would be the TCP header begins with the client's address, which
// names a port of the VIP, and has timestamps.
TEST(Rewrite, LeavesShortIpHeadersAlone) {
  Farm farm;
  farm.client4 = "0.80.1.2";
  Apply(farm.Settings());
  TcpSpec out = farm.Out(false);
  out.acknowledgment = 0x80000000;  // a data offset of 32 bytes
  out.options = Bytes(20, 1);
  Bytes frame = BuildTcp(out);
  frame[14] = 0x44;
  const Bytes options = Options(kLayouts[0], kTsval, kTsecr);
  std::copy(options.begin(), options.end(), frame.begin() + 14 + 16 + 20);
  EXPECT_EQ(Through(CookieProgram::kOut, frame), frame);
  EXPECT_EQ(CountedBy(CookieProgram::kOut, frame), "");
}

// A segment may end anywhere: what the data offset promises is not there. (The kernel runs nothing
// over less than an IP header.)
TEST(Rewrite, LeavesTruncatedSegmentsAlone) {
  const Farm farm;
  Apply(farm.Settings());
  for (const bool v6 : {false, true}) {
    TcpSpec out = farm.Out(v6);
    out.payload = {};
    out.options = Options(kLayouts[5], kTsval, kTsecr);
    const Bytes whole = BuildTcp(out);
    for (size_t length = v6 ? 14 + 40 : 14 + 20; length < whole.size(); ++length) {
      const Bytes frame(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
      EXPECT_EQ(Through(CookieProgram::kOut, frame), frame) << length;
    }
  }
}

TEST(Rewrite, CountsEachWayOnce) {
  const Farm farm;
  Apply(farm.Settings());
  const auto out = [&](uint8_t flags) {
    TcpSpec spec = farm.Out(true);
    spec.flags = flags;
    spec.options = Options(kLayouts[0], kTsval, kTsecr);
    return BuildTcp(spec);
  };
  const auto in = [&](uint8_t flags, uint32_t tsecr) {
    TcpSpec spec = farm.In(true);
    spec.flags = flags;
    spec.options = Options(kLayouts[0], kTsval, tsecr);
    return BuildTcp(spec);
  };
  EXPECT_EQ(CountedBy(CookieProgram::kOut, out(kAck)), "egress_written");
  EXPECT_EQ(CountedBy(CookieProgram::kOut, out(kSyn)), "egress_written");
  EXPECT_EQ(CountedBy(CookieProgram::kOut, out(kSyn | kAck)), "egress_written_synack");
  EXPECT_EQ(CountedBy(CookieProgram::kIn, in(kAck, kTsecr)), "ingress_cleared");
  EXPECT_EQ(CountedBy(CookieProgram::kIn, in(kSyn | kAck, kTsecr)), "ingress_cleared");
  EXPECT_EQ(CountedBy(CookieProgram::kIn, in(kSyn, 0)), "ingress_no_timestamps");
  EXPECT_EQ(CountedBy(CookieProgram::kIn, in(kAck, 0)), "ingress_no_timestamps");
}

// Before its first epoch a pool is attached and does nothing, in either direction.
TEST(Rewrite, WaitsForTheFirstEpoch) {
  const Farm farm;
  Apply({.pools = {{.pool = PoolId(8), .id = farm.id, .live = {farm.epoch}}},
         .vips = {{.address = Ip(farm.vip4), .ports = {PortRange::All()}, .pool = PoolId(8)}}});
  TcpSpec out = farm.Out(false), in = farm.In(false);
  out.options = in.options = Options(kLayouts[0], kTsval, kTsecr);
  EXPECT_EQ(Through(CookieProgram::kOut, BuildTcp(out)), BuildTcp(out));
  EXPECT_EQ(CountedBy(CookieProgram::kOut, BuildTcp(out)), "egress_no_epoch");
  EXPECT_EQ(Through(CookieProgram::kIn, BuildTcp(in)), BuildTcp(in));
  EXPECT_EQ(CountedBy(CookieProgram::kIn, BuildTcp(in)), "ingress_no_epoch");
}

TEST(Rewrite, GoesFromEpochToEpochAndOnlyUp) {
  const Farm farm;
  const auto settings = [&](std::vector<uint64_t> live, uint64_t writing) {
    CookieSettings s{
        .pools = {{.pool = PoolId(9), .id = farm.id, .writing = Serial(writing)}},
        .vips = {{.address = Ip(farm.vip6), .ports = {PortRange::All()}, .pool = PoolId(9)}}};
    for (const uint64_t serial : live) {
      const crypto::Key128::Bytes key{static_cast<uint8_t>(serial)};
      s.pools[0].live.push_back({.serial = Serial(serial), .key = key});
    }
    return s;
  };
  TcpSpec out = farm.Out(true), wanted = out;
  out.options = Options(kLayouts[0], kTsval, kTsecr);
  uint32_t before = 0;
  for (const uint64_t serial : {4U, 5U, 6U, 7U, 8U, 9U}) {
    Apply(settings({serial, serial + 1}, serial));
    const Bytes frame = Through(CookieProgram::kOut, BuildTcp(out));
    const uint32_t tsval = LoadBe32(&frame[14 + 40 + 20 + 4]);
    if (before != 0) {
      EXPECT_GT(static_cast<int32_t>(tsval - before), 0) << serial;
    }
    before = tsval;
  }
  EXPECT_FALSE(Programs().Apply(settings({8}, 8)));
}

}  // namespace
}  // namespace joinery::bpf::testing
