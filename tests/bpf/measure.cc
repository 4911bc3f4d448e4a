// cookie-time: what the tc programs of the timestamp cookie cost, by test runs in the kernel. It
// prints and judges nothing: machines differ, and this one may be busy. Root only.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include "backend/bpf/host.h"
#include "backend/bpf/map_writer.h"
#include "tests/bpf/connection.h"
#include "tests/bpf/farm.h"
#include "tests/bpf/repeatable.skel.h"
#include "tests/bpf/world.h"

namespace joinery::bpf::testing {
namespace {

using wire::testing::Join;
using wire::testing::TcpSpec;
using wire::testing::TimestampsOption;

constexpr uint32_t kRepeat = 1'000'000;
constexpr int kRounds = 7;  // the best counts: the others met somebody else on the CPU
const Bytes kUsual = {1, 1}, kSynAck = {2, 4, 5, 180, 4, 2};

struct Deleter {
  void operator()(repeatable_bpf* skeleton) const { repeatable_bpf__destroy(skeleton); }
};
using Skeleton = std::unique_ptr<repeatable_bpf, Deleter>;

Skeleton Load() {
  Skeleton skeleton(repeatable_bpf__open());
  if (!skeleton) return nullptr;
  skeleton->rodata->joinery_kernel_context = KernelShowsPackets() ? 1 : 0;
  return repeatable_bpf__load(skeleton.get()) == 0 ? std::move(skeleton) : nullptr;
}

uint32_t Nanoseconds(const bpf_program* program, const Bytes& frame) {
  uint32_t best = UINT32_MAX;
  for (int round = 0; round < kRounds; ++round) {
    best = std::min(best, RunProgram(bpf_program__fd(program), frame, kRepeat).nanoseconds);
  }
  return best;
}

struct Row {
  const char* name;
  bool out;
  bool v6;
  TcpSpec spec;
  const Bytes& before;  // the timestamps
};

void Show(const Skeleton& skeleton, const Row& row) {
  TcpSpec spec = row.spec;
  spec.options = Join({row.before, TimestampsOption(1, 2)});
  const auto& programs = skeleton->progs;
  const uint32_t all = Nanoseconds(row.out ? programs.repeatable_out : programs.repeatable_in,
                                   wire::testing::BuildTcp(spec));
  fmt::print("{:<8} {:<5} {:<44} {:>4} ns\n", row.out ? "egress" : "ingress",
             row.v6 ? "IPv6" : "IPv4", row.name, all);
}

void ShowFamily(const Skeleton& skeleton, bool v6) {
  Farm farm;
  (v6 ? farm.vip6 : farm.vip4) = v6 ? "::1" : "127.0.0.1";
  (v6 ? farm.client6 : farm.client4) = v6 ? "::1" : "127.0.0.1";
  const CookieMaps maps = {.vips4 = bpf_map__fd(skeleton->maps.joinery_vips4),
                           .vips6 = bpf_map__fd(skeleton->maps.joinery_vips6),
                           .pools = bpf_map__fd(skeleton->maps.joinery_pools)};
  if (const auto told = WriteMaps(maps, farm.Settings()); !told) {
    fmt::print(stderr, "cookie-time: {}\n", told.error().message);
    return;
  }
  const Socket listener = Listen(Farm::kVipPort);
  const Connection connection = Connect(listener, Farm::kVipPort, v6);
  TcpSpec other = farm.Out(v6), synack = farm.Out(v6), in = farm.In(v6);
  other.ip.source = v6 ? "2001:db8::81" : "198.18.0.81";
  synack.flags = wire::kSyn | wire::kAck;
  Show(skeleton, {"a segment of no VIP", true, v6, other, kUsual});
  Show(skeleton, {"a segment, NOP NOP TS", true, v6, farm.Out(v6), kUsual});
  Show(skeleton, {"a SYN/ACK, MSS SACK TS", true, v6, synack, kSynAck});
  in.source_port = connection.client_port;
  Show(skeleton, {"a segment of a connection, NOP NOP TS", false, v6, in, kUsual});
  in.source_port = static_cast<uint16_t>(connection.client_port ^ 1);
  Show(skeleton, {"a segment for a listener, NOP NOP TS", false, v6, in, kUsual});
}

}  // namespace
}  // namespace joinery::bpf::testing

int main() {
  using namespace joinery::bpf::testing;
  EnterWorld();
  const Skeleton skeleton = Load();
  if (!skeleton) {
    fmt::print(stderr, "cookie-time: the programs cannot be loaded; see tests/bpf\n");
    return 1;
  }
  const auto frame = joinery::wire::testing::BuildTcp({.options = {1, 1, 1, 1}});
  fmt::print("an empty program {} ns, one that puts timestamps back {} ns: in each of the below\n",
             RunProgram(EmptyProgram("empty"), frame, 1'000'000).nanoseconds,
             Nanoseconds(skeleton->progs.restored, frame));
  for (const bool v6 : {false, true}) ShowFamily(skeleton, v6);
}
