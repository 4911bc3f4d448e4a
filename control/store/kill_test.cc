// A process that stores states in a loop is killed at any moment, many times: what is found is
// always a state that was written whole, and never older than the last one whose Save had returned.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <time.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <sys/wait.h>

#include "base/clock.h"
#include "control/store/file_store.h"

namespace joinery::control {
namespace {

constexpr int kRounds = 100;
constexpr size_t kLargest = 200'000;

// The body of a sequence number can be told from every other and from every part of one.
std::string BodyOf(uint64_t sequence) {
  return std::string(1 + sequence * 7919 % kLargest, static_cast<char>('a' + sequence % 26)) +
         std::to_string(sequence);
}

// Never returns; each number goes to `acknowledged` after its Save.
[[noreturn]] void StoreForEver(const std::string& path, int acknowledged) {
  SystemFiles files;
  SystemRandom random;
  FileStore store({.path = path}, files, random);
  const auto loaded = store.Load();
  if (!loaded) _exit(1);
  for (uint64_t sequence = *loaded ? (*loaded)->sequence + 1 : 1;; ++sequence) {
    if (!store.Save(1, BodyOf(sequence))) _exit(2);
    if (write(acknowledged, &sequence, sizeof sequence) != sizeof sequence) _exit(3);
  }
}

// Waits until the child has stored twice, and then for a part of the time that one of these took,
// so that a kill comes anywhere in a write, however fast the disk is.
uint64_t WaitInsideAWrite(int acknowledged, Random& random) {
  const BootClock clock;
  uint64_t last = 0;
  Instant before;
  for (int i = 0; i < 2; ++i) {
    before = clock.Now();
    if (read(acknowledged, &last, sizeof last) != sizeof last) return 0;
  }
  const auto took = (clock.Now() - before).count();
  const auto most = std::clamp<int64_t>(took, 1, 500'000'000);
  const timespec delay{.tv_sec = 0, .tv_nsec = random.Below(static_cast<uint32_t>(most))};
  nanosleep(&delay, nullptr);
  return last;
}

// What the child acknowledged before it ended; `last` when it did nothing.
uint64_t LastOf(int acknowledged, uint64_t last) {
  uint64_t sequence = 0;
  while (read(acknowledged, &sequence, sizeof sequence) == sizeof sequence) last = sequence;
  return last;
}

TEST(Kill, LeavesTheStateBeforeOrAfter) {
  const std::string folder = testing::TempDir() + "/kill";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string path = folder + "/control.state";
  SeededRandom delays(20261125);
  SystemFiles files;
  uint64_t last = 0;
  int killed_in_a_write = 0;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) StoreForEver(path, ends[1]);
    close(ends[1]);
    last = WaitInsideAWrite(ends[0], delays);
    kill(child, SIGKILL);
    last = LastOf(ends[0], last);
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << ": the child gave up by itself";

    SystemRandom random;
    FileStore store({.path = path}, files, random);
    const auto found = store.Load();
    ASSERT_TRUE(found) << "round " << round << ": " << found.error().message;
    ASSERT_TRUE(*found) << "round " << round;
    ASSERT_GE((*found)->sequence, last) << "round " << round;
    ASSERT_LE((*found)->sequence, last + 1) << "round " << round;
    ASSERT_EQ((*found)->body, BodyOf((*found)->sequence)) << "round " << round;
    killed_in_a_write += std::filesystem::exists(path + ".new") ? 1 : 0;
  }
  EXPECT_GE(last, 2U * kRounds);
  EXPECT_GT(killed_in_a_write, 0) << "no kill came between the steps of a write";
}

}  // namespace
}  // namespace joinery::control
