#include "control/store/counted_store.h"

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

// Takes a second for each byte; refuses an empty image.
class SlowStore final : public Store {
 public:
  explicit SlowStore(ManualClock& clock) : clock_(clock) {}
  Expected<std::optional<StateImage>> Load() override { return std::nullopt; }
  Expected<void> Save(uint64_t /*epoch*/, const std::string& body) override {
    if (body.empty()) return Fail("full");
    clock_.Advance(std::chrono::seconds(body.size()));
    return {};
  }

 private:
  ManualClock& clock_;
};

TEST(CountedStore, CountsWhatIsDurable) {
  ManualClock clock;
  SlowStore slow(clock);
  CountedStore store(slow, clock);
  EXPECT_TRUE(store.Save(1, "abc"));
  EXPECT_TRUE(store.Save(1, "a"));
  EXPECT_FALSE(store.Save(1, ""));
  EXPECT_EQ(store.counters().writes, 2U);
  EXPECT_EQ(store.counters().taken, std::chrono::seconds(4));
  EXPECT_EQ(store.counters().longest, std::chrono::seconds(3));
  EXPECT_EQ(store.counters().last_bytes, 1U);
}

}  // namespace
}  // namespace joinery::control
