#include "lb/steer/maglev.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "lb/steer/maglev_slow.h"

namespace joinery::steer {
namespace {

constexpr uint32_t kSize = 65537;

crypto::Key128 Secret(uint64_t seed) {
  crypto::Key128::Bytes bytes;
  SeededRandom(seed).Fill(bytes);
  return bytes;
}

// A pool in the making: owns the names.
struct Pool {
  std::vector<std::string> names;
  std::vector<uint32_t> weights;

  [[nodiscard]] std::vector<MaglevBackend> backends() const {
    std::vector<MaglevBackend> out;
    for (size_t i = 0; i < names.size(); ++i) {
      out.push_back({.name = names[i], .weight = weights[i], .value = static_cast<uint16_t>(i)});
    }
    return out;
  }
};

Pool EqualPool(size_t count) {
  Pool pool;
  for (size_t i = 0; i < count; ++i) pool.names.push_back(fmt::format("b{}", i));
  pool.weights.assign(count, 1);
  return pool;
}

Pool WeightedPool(size_t count, uint64_t seed, uint32_t max_weight) {
  Pool pool = EqualPool(count);
  SeededRandom random(seed);
  for (uint32_t& weight : pool.weights) weight = 1 + random.Below(max_weight);
  return pool;
}

std::vector<uint16_t> Build(const Pool& pool, uint64_t secret = 1, uint32_t size = kSize) {
  auto table = BuildMaglevTable(pool.backends(), Secret(secret), size);
  EXPECT_TRUE(table.has_value());
  return *table;
}

struct PoolRow {
  std::string name;
  Pool pool;
};

std::vector<PoolRow> Pools() {
  std::vector<PoolRow> rows;
  for (const size_t count : {1, 2, 3, 10, 100, 1000}) {
    rows.push_back({fmt::format("{} equal", count), EqualPool(count)});
    rows.push_back({fmt::format("{} weighted 1..100", count), WeightedPool(count, 7, 100)});
  }
  rows.push_back({"one heavy among light ones", WeightedPool(500, 0, 1)});
  rows.back().pool.weights[17] = 1000;
  return rows;
}

TEST(Maglev, EveryBackendWithinOneSlotOfItsShare) {
  for (const PoolRow& row : Pools()) {
    std::vector<uint32_t> slots(row.pool.names.size());
    for (const uint16_t value : Build(row.pool)) ++slots.at(value);
    double sum = 0;
    for (const uint32_t weight : row.pool.weights) sum += weight;
    for (size_t i = 0; i < slots.size(); ++i) {
      EXPECT_LT(std::abs(slots[i] - kSize * row.pool.weights[i] / sum), 1.0)
          << row.name << ", " << row.pool.names[i];
    }
  }
}

TEST(Maglev, RemovingOneMovesFewOfTheOthersSlots) {
  for (const PoolRow& row : Pools()) {
    const std::vector<uint16_t> before = Build(row.pool);
    const std::vector<MaglevBackend> all = row.pool.backends();
    const size_t step = std::max<size_t>(1, all.size() / 5);
    for (size_t removed = 0; removed < all.size() && all.size() > 1; removed += step) {
      std::vector<MaglevBackend> others = all;
      others.erase(others.begin() + static_cast<ptrdiff_t>(removed));
      const auto after = *BuildMaglevTable(others, Secret(1), kSize);
      size_t kept = 0, moved = 0;
      for (size_t slot = 0; slot < kSize; ++slot) {
        if (before[slot] == removed) continue;
        ++(before[slot] == after[slot] ? kept : moved);
      }
      EXPECT_LE(static_cast<double>(moved), 0.015 * static_cast<double>(kept + moved))
          << row.name << " without " << all[removed].name;
    }
  }
}

TEST(Maglev, TheOrderOfTheListDoesNotMatter) {
  SeededRandom random(3);
  for (const PoolRow& row : Pools()) {
    std::vector<MaglevBackend> shuffled = row.pool.backends();
    for (size_t i = shuffled.size(); i > 1; --i) {
      std::swap(shuffled[i - 1], shuffled[random.Below(static_cast<uint32_t>(i))]);
    }
    EXPECT_EQ(*BuildMaglevTable(shuffled, Secret(1), kSize), Build(row.pool)) << row.name;
  }
}

TEST(Maglev, AnotherSecretMakesAnotherTable) {
  const std::vector<uint16_t> one = Build(EqualPool(10), 1);
  const std::vector<uint16_t> other = Build(EqualPool(10), 2);
  size_t same = 0;
  for (size_t slot = 0; slot < kSize; ++slot) same += one[slot] == other[slot] ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(same) / kSize, 0.1, 0.02);
}

TEST(Maglev, AgreesWithItsSlowTwin) {
  constexpr uint32_t kSizes[] = {2, 3, 7, 251, 1009};
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SeededRandom random(seed);
    const uint32_t size = kSizes[random.Below(std::size(kSizes))];
    Pool pool = WeightedPool(1 + random.Below(40), seed, 1 + random.Below(1000));
    for (uint32_t& weight : pool.weights) weight *= random.Below(8) == 0 ? 0 : 1;
    EXPECT_EQ(Build(pool, seed, size), SlowMaglevTable(pool.backends(), Secret(seed), size))
        << "seed " << seed;
  }
}

TEST(Maglev, EmptyWithoutWeights) {
  EXPECT_TRUE(Build(Pool{}).empty());
  EXPECT_TRUE(Build({.names = {"a", "b"}, .weights = {0, 0}}).empty());
}

TEST(Maglev, RefusesASizeThatIsNoPrime) {
  for (const uint32_t size : {0u, 1u, 4u, 65536u, 65539u * 3}) {
    const auto table = BuildMaglevTable(EqualPool(2).backends(), Secret(1), size);
    ASSERT_FALSE(table.has_value()) << size;
    EXPECT_NE(table.error().message.find("prime"), std::string::npos);
  }
}

TEST(Maglev, SlotsCoverTheTable) {
  EXPECT_EQ(MaglevSlot(0, kSize), 0u);
  EXPECT_EQ(MaglevSlot(0xffffffff, kSize), 0u);  // the lower half has no say
  EXPECT_EQ(MaglevSlot(UINT64_MAX, kSize), kSize - 1);
  EXPECT_EQ(MaglevSlot(uint64_t{1} << 63, 3), 1u);
}

// What every balancer of every version must build: they serve one VIP side by side.
TEST(Maglev, GoldenTables) {
  std::ostringstream got;
  for (const PoolRow& row : {
           PoolRow{"equal", EqualPool(5)},
           PoolRow{"weighted", {.names = {"web-1", "web-2", "x"}, .weights = {100, 50, 1}}},
       }) {
    got << row.name << ":";
    for (const uint16_t value : Build(row.pool, 42, 251)) got << ' ' << value;
    got << '\n';
  }
  std::ifstream file("lb/steer/testdata/maglev_golden.txt");
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(got.str(), golden.str());
}

}  // namespace
}  // namespace joinery::steer
