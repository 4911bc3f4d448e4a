// Run it with --config=tsan too: the race it looks for is a reader using what a swap has freed.
#include "lb/dpdk/snapshot_holder.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

// An object whose two halves agree as long as it lives, and that counts the living.
struct Version {
  Version(uint64_t number, std::atomic<int>& count)
      : first(number), living(&count), second(number) {
    ++*living;
  }
  ~Version() { --*living; }
  Version(const Version&) = delete;
  Version& operator=(const Version&) = delete;

  uint64_t first;
  std::atomic<int>* living;
  uint64_t second;
};

TEST(SnapshotHolderTest, ReadersSeeWholeVersionsThatOnlyGrow) {
  constexpr uint32_t kReaders = 2;
  constexpr uint64_t kSwaps = 500;
  std::atomic<int> alive = 0;
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> torn = 0;
  std::atomic<uint64_t> reads = 0;
  {
    SnapshotHolder<Version> holder(kReaders, std::make_unique<const Version>(0, alive));
    std::vector<std::thread> readers;
    for (uint32_t reader = 0; reader < kReaders; ++reader) {
      readers.emplace_back([&, reader] {
        holder.Online(reader);
        uint64_t last = 0;
        while (!stop.load(std::memory_order_relaxed)) {
          const Version& version = holder.Read();
          if (version.first != version.second || version.first < last) ++torn;
          last = version.first;
          ++reads;
          holder.Quiescent(reader);
          std::this_thread::yield();
        }
        holder.Offline(reader);
      });
    }
    while (reads == 0) std::this_thread::yield();
    for (uint64_t number = 1; number <= kSwaps; ++number) {
      const std::unique_ptr<const Version> old =
          holder.Swap(std::make_unique<const Version>(number, alive));
      EXPECT_EQ(old->first, number - 1);
      EXPECT_LE(alive, 2);
    }
    EXPECT_EQ(holder.Current().first, kSwaps);
    stop = true;
    for (std::thread& reader : readers) reader.join();
  }
  EXPECT_EQ(torn, 0U);
  EXPECT_GT(reads, 0U);
  EXPECT_EQ(alive, 0);
}

TEST(SnapshotHolderTest, ASwapWaitsForTheReaderThatHoldsTheOldOne) {
  std::atomic<int> alive = 0;
  SnapshotHolder<Version> holder(1, std::make_unique<const Version>(1, alive));
  holder.Online(0);
  const Version& held = holder.Read();
  std::atomic<bool> swapped = false;
  std::thread writer([&] {
    static_cast<void>(holder.Swap(std::make_unique<const Version>(2, alive)));
    swapped = true;
  });
  // The new one is visible although the old one is still held.
  while (holder.Read().first != 2) std::this_thread::yield();
  EXPECT_FALSE(swapped);
  EXPECT_EQ(held.first, 1U);
  EXPECT_EQ(alive, 2);
  while (!swapped) {
    holder.Quiescent(0);
    std::this_thread::yield();
  }
  writer.join();
  EXPECT_EQ(alive, 1);
  holder.Offline(0);
}

}  // namespace
}  // namespace joinery::dpdk
