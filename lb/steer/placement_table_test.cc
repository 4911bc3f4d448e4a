#include "lb/steer/placement_table.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace joinery::steer {
namespace {

constexpr uint32_t kSize = 251;
constexpr std::array kBackends{MaglevBackend{.name = "a", .weight = 1, .value = 4},
                               MaglevBackend{.name = "b", .weight = 2, .value = 7}};
using Table = std::shared_ptr<const PlacementTable>;

crypto::Key128 Secret(uint8_t first) {
  std::array<uint8_t, 16> bytes{first};
  return crypto::Key128(bytes);
}

Table Made(std::span<const MaglevBackend> backends, const crypto::Key128& secret, uint32_t size,
           const Table& previous) {
  const auto table = PlacementTable::Make(backends, secret, size, previous);
  EXPECT_TRUE(table) << table.error().message;
  return table ? *table : nullptr;
}

TEST(PlacementTable, HasTheSlotsOfMaglev) {
  const Table table = Made(kBackends, Secret(1), kSize, nullptr);
  EXPECT_TRUE(std::ranges::equal(table->slots(), *BuildMaglevTable(kBackends, Secret(1), kSize)));
}

TEST(PlacementTable, IsTakenOverInAnyOrder) {
  const Table table = Made(kBackends, Secret(1), kSize, nullptr);
  const std::array turned{kBackends[1], kBackends[0]};
  EXPECT_EQ(Made(turned, Secret(1), kSize, table), table);
}

TEST(PlacementTable, IsMadeAnewWhenAnythingDiffers) {
  const Table table = Made(kBackends, Secret(1), kSize, nullptr);
  struct Row {
    const char* name;
    std::vector<MaglevBackend> backends;
    uint8_t secret = 1;
    uint32_t size = kSize;
  };
  const MaglevBackend a = kBackends[0], b = kBackends[1];
  for (const Row& row : {
           Row{.name = "one left", .backends = {a}},
           Row{.name = "nobody", .backends = {}},
           Row{.name = "one came", .backends = {a, b, {.name = "c", .weight = 1, .value = 0}}},
           Row{.name = "a name", .backends = {a, {.name = "c", .weight = 2, .value = 7}}},
           Row{.name = "a weight", .backends = {a, {.name = "b", .weight = 3, .value = 7}}},
           Row{.name = "an index", .backends = {a, {.name = "b", .weight = 2, .value = 8}}},
           Row{.name = "the secret", .backends = {a, b}, .secret = 2},
           Row{.name = "the size", .backends = {a, b}, .size = 241},
       }) {
    const Table other = Made(row.backends, Secret(row.secret), row.size, table);
    EXPECT_NE(other, table) << row.name;
    EXPECT_TRUE(std::ranges::equal(other->slots(),
                                   *BuildMaglevTable(row.backends, Secret(row.secret), row.size)))
        << row.name;
  }
}

TEST(PlacementTable, RefusesWhatMaglevRefuses) {
  const auto table = PlacementTable::Make(kBackends, Secret(1), 250, nullptr);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message, "table size 250 is no prime");
}

}  // namespace
}  // namespace joinery::steer
