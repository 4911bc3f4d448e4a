// The kernel prints what it found by cpuid in /proc/cpuinfo; it leaves out what it does not let
// programs use.
#include "crypto/cpu.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace joinery::crypto {
namespace {

std::set<std::string> KernelsFlags() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    return {std::istream_iterator<std::string>(words), {}};
  }
  return {};
}

TEST(Cpu, IsWhatTheKernelSays) {
  const std::set<std::string> flags = KernelsFlags();
  ASSERT_TRUE(flags.contains("sse2")) << "/proc/cpuinfo has no flags; run this on x86-64 Linux";
  const auto has = [&](const char* flag) { return flags.contains(flag); };
  EXPECT_EQ(Cpu().aesni, has("aes") && has("ssse3"));
  EXPECT_EQ(Cpu().vaes,
            has("vaes") && has("avx512f") && has("avx512bw") && has("aes") && has("ssse3"));
  EXPECT_EQ(Cpu().sha, has("sha_ni") && has("ssse3") && has("sse4_1"));
}

}  // namespace
}  // namespace joinery::crypto
