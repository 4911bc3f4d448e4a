// Loading, attaching, restarting, refusing. Each process of an agent is an object here: what
// outlives it lies in the kernel.
#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include "backend/bpf/clsact.h"
#include "backend/bpf/cookie_programs.h"
#include "tests/bpf/farm.h"
#include "tests/bpf/world.h"

namespace joinery::bpf::testing {
namespace {

using wire::testing::BuildTcp;
using wire::testing::Join;
using wire::testing::TimestampsOption;

// Far below the million that kernels allow: 6.18 goes through 7,400 for the ingress program, and
// others may differ, but not by this much.
constexpr uint32_t kMaxVerified = 50'000;

const std::string& Bpffs() {
  static const std::string directory = EnterWorld();
  return directory;
}

CookiePrograms Load(const std::string& name) {
  auto loaded = CookiePrograms::Load(Bpffs() + "/" + name);
  EXPECT_TRUE(loaded) << loaded.error().message;
  return std::move(loaded).value();
}

std::string Message(const Expected<void>& done) { return done ? "" : done.error().message; }

Bytes Segment(const Farm& farm) {
  auto out = farm.Out(true);
  out.options = Join({{1, 1}, TimestampsOption(1, 2)});
  return BuildTcp(out);
}

void Timestamps(const char* value) { std::ofstream("/proc/sys/net/ipv4/tcp_timestamps") << value; }

TEST(Attach, StaysFarBelowTheVerifiersLimit) {
  const CookiePrograms programs = Load("complexity");
  for (const CookieProgram program :
       {CookieProgram::kOut, CookieProgram::kIn, CookieProgram::kOutBare, CookieProgram::kInBare}) {
    const uint32_t verified = programs.VerifiedInstructions(program);
    RecordProperty("verified_" + std::to_string(static_cast<int>(program)),
                   std::to_string(verified));
    EXPECT_GT(verified, 0U);
    EXPECT_LT(verified, kMaxVerified);
  }
}

TEST(Attach, SurvivesARestart) {
  const Farm farm;
  uint32_t first_program = 0;
  Bytes coded;
  {
    CookiePrograms programs = Load("restart");
    ASSERT_EQ(Message(programs.Apply(farm.Settings())), "");
    ASSERT_EQ(Message(programs.Attach("lo")), "");
    first_program = CookiePrograms::AttachedProgram("lo").value();
    EXPECT_NE(first_program, 0U);
    coded = RunProgram(programs.ProgramFd(CookieProgram::kOut), Segment(farm)).frame;
    EXPECT_NE(coded, Segment(farm));
  }
  EXPECT_EQ(CookiePrograms::AttachedProgram("lo").value(), first_program) << "nobody is there";

  CookiePrograms again = Load("restart");
  EXPECT_EQ(again.Counts().value()[JOINERY_BPF_WRITTEN], 1U) << "counts go on";
  EXPECT_EQ(RunProgram(again.ProgramFd(CookieProgram::kOut), Segment(farm)).frame, coded)
      << "what it was told is still there";
  ASSERT_EQ(Message(again.Attach("lo")), "");
  EXPECT_NE(CookiePrograms::AttachedProgram("lo").value(), first_program) << "replaced";
  ASSERT_EQ(Message(again.Attach("lo")), "");
  EXPECT_EQ(Message(again.Apply(farm.Settings())), "");

  EXPECT_EQ(Message(CookiePrograms::Detach("lo")), "");
  EXPECT_EQ(CookiePrograms::AttachedProgram("lo").value(), 0U);
  EXPECT_EQ(Message(CookiePrograms::Detach("lo")), "") << "twice is once";
}

// Epochs do not go back over a restart either: the map remembers.
TEST(Attach, RefusesAnOlderEpochAfterARestart) {
  Farm farm;
  ASSERT_EQ(Message(Load("epochs").Apply(farm.Settings())), "");
  farm.epoch.serial = Serial(8);
  EXPECT_NE(Message(Load("epochs").Apply(farm.Settings())).find("epoch 8 may not be written"),
            std::string::npos);
}

TEST(Attach, ForgetsThePoolsAndVipsThatAreGone) {
  const Farm farm;
  CookiePrograms programs = Load("gone");
  ASSERT_EQ(Message(programs.Apply(farm.Settings())), "");
  Farm other = farm;
  other.pool = PoolId(8);
  other.vip6 = "2001:db8::81";
  ASSERT_EQ(Message(programs.Apply(other.Settings())), "");
  const int out = programs.ProgramFd(CookieProgram::kOut);
  EXPECT_EQ(RunProgram(out, Segment(farm)).frame, Segment(farm));
  EXPECT_NE(RunProgram(out, Segment(other)).frame, Segment(other));
  ASSERT_EQ(Message(programs.Apply({})), "");
  EXPECT_EQ(RunProgram(out, Segment(other)).frame, Segment(other));
}

TEST(Attach, HasRoomForSixtyFourPools) {
  CookiePrograms programs = Load("pools");
  CookieSettings settings;
  for (uint32_t i = 0; i <= JOINERY_BPF_MAX_POOLS; ++i)
    settings.pools.push_back({.pool = PoolId(i)});
  EXPECT_EQ(Message(programs.Apply(settings)), "more than 64 pools");
  settings.pools.pop_back();
  EXPECT_EQ(Message(programs.Apply(settings)), "");
  settings.pools.push_back({.pool = PoolId(0)});
  EXPECT_EQ(Message(programs.Apply(settings)), "pool 0 is named twice");
}

TEST(Attach, RefusesWithoutTimestamps) {
  CookiePrograms programs = Load("timestamps");
  Timestamps("0");
  EXPECT_NE(Message(programs.Attach("lo")).find("tcp_timestamps is 0"), std::string::npos);
  EXPECT_EQ(CookiePrograms::AttachedProgram("lo").value(), 0U);
  Timestamps("1");
  EXPECT_EQ(Message(programs.Attach("lo")), "");
  EXPECT_EQ(Message(CookiePrograms::Detach("lo")), "");
}

TEST(Attach, RefusesAPlaceThatIsTaken) {
  CookiePrograms programs = Load("taken");
  const NetworkDevice lo = FindDevice("lo").value();
  ASSERT_TRUE(AttachFilter(lo, BPF_TC_EGRESS, EmptyProgram("somebody")));
  EXPECT_NE(Message(programs.Attach("lo")).find("is not ours: program somebody"),
            std::string::npos);
  EXPECT_NE(Message(CookiePrograms::Detach("lo")).find("is not ours"), std::string::npos);
  EXPECT_FALSE(CookiePrograms::AttachedProgram("lo"));
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = lo.index;
  hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  ASSERT_EQ(bpf_tc_hook_destroy(&hook), 0);
}

TEST(Attach, RefusesADeviceThatIsNotThere) {
  CookiePrograms programs = Load("device");
  EXPECT_EQ(Message(programs.Attach("nobody")), "device nobody: No such device");
  EXPECT_EQ(Message(CookiePrograms::Detach("nobody")), "device nobody: No such device");
}

TEST(Load, RefusesADirectoryThatIsNoBpffs) {
  const auto loaded = CookiePrograms::Load("/proc/joinery");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("only be pinned on a bpffs"), std::string::npos);
}

TEST(Load, RefusesMapsOfAnotherVersion) {
  ASSERT_TRUE(CookiePrograms::Load(Bpffs() + "/version"));
  const std::string path = Bpffs() + "/version/" JOINERY_BPF_LAYOUT "/joinery_pools";
  ASSERT_EQ(unlink(path.c_str()), 0);
  const int other = bpf_map_create(BPF_MAP_TYPE_ARRAY, "joinery_pools", 4, 8, 1, nullptr);
  ASSERT_GE(other, 0);
  ASSERT_EQ(bpf_obj_pin(other, path.c_str()), 0);
  close(other);
  const auto loaded = CookiePrograms::Load(Bpffs() + "/version");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("if another version pinned them"), std::string::npos);
  EXPECT_NE(loaded.error().message.find("joinery_pools"), std::string::npos)
      << loaded.error().message;
}

}  // namespace
}  // namespace joinery::bpf::testing
