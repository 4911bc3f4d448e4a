// A machine that loses its power, and a disk that fails, at each step of a write. The simulated
// disk forgets what was not made durable, keeps it, or keeps half of it, as real ones may.
#include <map>

#include <gtest/gtest.h>

#include "control/store/file_store.h"

namespace joinery::control {
namespace {

constexpr char kPath[] = "control.state";

// What becomes of bytes and names that were not made durable.
enum class Fate : uint8_t { kLost, kHalf, kKept };

class SimulatedDisk final : public Files {
 public:
  Expected<std::optional<std::string>> Read(const std::string& path) override {
    const auto found = names_.find(path);
    if (found == names_.end()) return std::nullopt;
    return found->second.bytes;
  }
  Expected<void> Write(const std::string& path, const std::string& bytes) override {
    if (!Step()) return Broken();
    names_[path] = {.bytes = bytes, .durable = false};
    return {};
  }
  Expected<void> Sync(const std::string& path) override {
    if (!Step()) return Broken();
    names_.at(path).durable = true;
    return {};
  }
  Expected<void> Rename(const std::string& from, const std::string& to) override {
    if (!Step()) return Broken();
    names_[to] = names_.at(from);
    names_.erase(from);
    return {};
  }
  Expected<void> SyncFolder(const std::string& /*path*/) override {
    if (!Step()) return Broken();
    durable_names_ = names_;
    return {};
  }

  // From the step of that number on, everything fails.
  void BreakAt(int step) { break_at_ = step; }
  [[nodiscard]] int steps() const { return steps_; }

  // The power comes back.
  void Crash(Fate names, Fate bytes) {
    if (names == Fate::kLost) names_ = durable_names_;
    for (auto& [path, file] : names_) {
      if (file.durable) continue;
      if (bytes == Fate::kLost) file.bytes.clear();
      if (bytes == Fate::kHalf) file.bytes.resize(file.bytes.size() / 2);
    }
    break_at_ = -1;
  }

 private:
  struct File {
    std::string bytes;
    bool durable = false;
  };

  bool Step() { return ++steps_, break_at_ < 0 || steps_ <= break_at_; }
  static tl::unexpected<Error> Broken() { return Fail("cannot be used: the disk broke"); }

  std::map<std::string, File> names_;
  std::map<std::string, File> durable_names_;
  int steps_ = 0;
  int break_at_ = -1;
};

FileStore On(SimulatedDisk& disk, Random& random) {
  return {FileStore::Options{.path = kPath}, disk, random};
}

// The disk after two good writes; the third is tried in each test.
struct Tried {
  SimulatedDisk disk;
  SeededRandom random{1};
  bool acknowledged = false;
  int steps = 0;  // of the third write

  explicit Tried(int break_after) {
    FileStore store = On(disk, random);
    EXPECT_TRUE(store.Load());
    EXPECT_TRUE(store.Save(1, "first"));
    EXPECT_TRUE(store.Save(1, "second"));
    const int before = disk.steps();
    disk.BreakAt(before + break_after);
    acknowledged = store.Save(1, "third").has_value();
    steps = disk.steps() - before;
  }
};

constexpr int kUnbroken = 1000;

TEST(Crash, AtEachStepLeavesTheStateBeforeOrAfter) {
  const int steps = Tried(kUnbroken).steps;
  ASSERT_GE(steps, 4) << "write, sync, rename, sync of the folder";
  for (int step = 0; step <= steps; ++step) {
    for (const Fate names : {Fate::kLost, Fate::kKept}) {
      for (const Fate bytes : {Fate::kLost, Fate::kHalf, Fate::kKept}) {
        Tried tried(step);
        tried.disk.Crash(names, bytes);
        FileStore store = On(tried.disk, tried.random);
        const auto found = store.Load();
        ASSERT_TRUE(found) << "step " << step << ": " << found.error().message;
        ASSERT_TRUE(*found) << "step " << step;
        if (tried.acknowledged) {
          EXPECT_EQ((*found)->body, "third") << "step " << step;
        } else {
          EXPECT_TRUE((*found)->body == "second" || (*found)->body == "third")
              << "step " << step << ": " << (*found)->body;
        }
        EXPECT_TRUE(store.Save(1, "fourth")) << "step " << step;
        EXPECT_EQ((*store.Load())->body, "fourth") << "step " << step;
      }
    }
  }
}

TEST(Crash, AFailedStepIsAFailedSaveUntilTheStateIsDurable) {
  constexpr int kDurableAfter = 4;  // the rest writes the mark
  for (int step = 0; step < kDurableAfter; ++step) EXPECT_FALSE(Tried(step).acknowledged) << step;
  EXPECT_TRUE(Tried(kDurableAfter).acknowledged);
}

TEST(Crash, SavingGoesOnAfterADiskThatRecovered) {
  Tried tried(1);
  tried.disk.BreakAt(-1);
  FileStore store = On(tried.disk, tried.random);
  EXPECT_EQ((*store.Load())->body, "second");
  ASSERT_TRUE(store.Save(1, "again"));
  EXPECT_EQ((*store.Load())->body, "again");
}

}  // namespace
}  // namespace joinery::control
