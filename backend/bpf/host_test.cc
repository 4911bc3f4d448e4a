// What can be asked without root; tests/bpf asks the rest.
#include "backend/bpf/host.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace joinery::bpf {
namespace {

std::string FileWith(const std::string& text) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/tcp_timestamps";
  std::ofstream(path) << text;
  return path;
}

TEST(Host, RefusesWithoutTimestamps) {
  EXPECT_TRUE(CheckTimestamps(FileWith("1\n")));
  EXPECT_TRUE(CheckTimestamps(FileWith("2\n")));
  const auto off = CheckTimestamps(FileWith("0\n"));
  ASSERT_FALSE(off);
  EXPECT_NE(off.error().message.find("sysctl -w net.ipv4.tcp_timestamps=1"), std::string::npos);
  EXPECT_FALSE(CheckTimestamps("/nonexistent"));
}

TEST(Host, RefusesADirectoryThatIsNoBpffs) {
  const auto refused = CheckBpffs("/proc/joinery/maps");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "/proc/joinery/maps: maps can only be pinned on a bpffs; run mount -t bpf bpf /proc");
}

// With root or without: it may load programs, or it says why not.
TEST(Host, RefusesAKernelWithAReason) {
  const auto kernel = CheckKernel();
  if (!kernel) {
    EXPECT_FALSE(kernel.error().message.empty());
  }
  EXPECT_EQ(KernelShowsPackets(), KernelShowsPackets());
}

TEST(Host, FindsDevices) {
  const auto lo = FindDevice("lo");
  ASSERT_TRUE(lo) << lo.error().message;
  EXPECT_TRUE(lo->ethernet);
  EXPECT_GT(lo->index, 0);
  EXPECT_FALSE(FindDevice("nobody"));
  EXPECT_FALSE(FindDevice(""));
  EXPECT_FALSE(FindDevice("a_name_that_is_too_long"));
}

}  // namespace
}  // namespace joinery::bpf
