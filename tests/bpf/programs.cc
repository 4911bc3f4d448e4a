#include "tests/bpf/programs.h"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <linux/pkt_cls.h>

namespace joinery::bpf::testing {

CookiePrograms& Programs() {
  static CookiePrograms programs = [] {
    auto loaded = CookiePrograms::Load(EnterWorld());
    if (!loaded) {
      fmt::print(stderr, "{}\n", loaded.error().message);
      std::exit(EXIT_FAILURE);
    }
    return std::move(*loaded);
  }();
  return programs;
}

void Apply(const CookieSettings& settings) {
  const auto applied = Programs().Apply(settings);
  ASSERT_TRUE(applied) << applied.error().message;
}

Bytes Through(CookieProgram program, const Bytes& frame) {
  const Ran ran = RunProgram(Programs().ProgramFd(program), frame);
  EXPECT_EQ(ran.action, TC_ACT_UNSPEC);
  return ran.frame;
}

std::string CountedBy(CookieProgram program, const Bytes& frame) {
  const CookieCounts before = Programs().Counts().value();
  RunProgram(Programs().ProgramFd(program), frame);
  const CookieCounts after = Programs().Counts().value();
  std::string names;
  for (size_t i = 0; i < after.size(); ++i) {
    if (after[i] != before[i]) names += CookieCounterName(i);
    EXPECT_LE(after[i] - before[i], 1U);
  }
  return names;
}

}  // namespace joinery::bpf::testing
