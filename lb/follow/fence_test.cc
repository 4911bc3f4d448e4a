#include "lb/follow/fence.h"

#include <gtest/gtest.h>

namespace joinery::follow {
namespace {

api::Stamp Stamp(uint64_t epoch, uint64_t version, uint8_t digest) {
  api::Stamp stamp{.at = {epoch, version}, .digest = {}};
  stamp.digest[0] = digest;
  return stamp;
}

struct Row {
  const char* name;
  api::Stamp known;
  api::Stamp arrived;
  Fence fence;
  const char* why = "";
};

TEST(Fence, KeepsTheOrder) {
  for (const Row& row : {
           Row{.name = "a greater version",
          .known = Stamp(2, 5, 1),
          .arrived = Stamp(2, 6, 1),
          .fence = Fence::kNewer},
           Row{.name = "a greater epoch, a lower version",
           .known = Stamp(2, 5, 1),
           .arrived = Stamp(3, 0, 1),
           .fence = Fence::kNewer},
           Row{.name = "the same",
           .known = Stamp(2, 5, 1),
           .arrived = Stamp(2, 5, 1),
           .fence = Fence::kSame},
           Row{.name = "a lower version",
           .known = Stamp(2, 5, 1),
           .arrived = Stamp(2, 4, 1),
           .fence = Fence::kRefused,
           .why = "position 2.4 is below 2.5, which this balancer has; nobody goes back (I8)"},
           Row{.name = "a lower epoch, a greater version",
           .known = Stamp(2, 5, 1),
           .arrived = Stamp(1, 9, 1),
           .fence = Fence::kRefused,
           .why = "position 1.9 is below 2.5, which this balancer has; nobody goes back (I8)"},
           Row{.name = "other bytes",
           .known = Stamp(2, 5, 1),
           .arrived = Stamp(2, 5, 2),
           .fence = Fence::kRefused,
           .why = "other bytes under position 2.5: sha-256 0200000000000000..., this balancer "
                  "has 0100000000000000... (I8)"},
       }) {
    EXPECT_EQ(Check(row.known, row.arrived), row.fence) << row.name;
    if (row.fence == Fence::kRefused) {
      EXPECT_EQ(WhyRefused(row.known, row.arrived), row.why) << row.name;
    }
  }
  EXPECT_EQ(Check(std::nullopt, Stamp(0, 0, 0)), Fence::kNewer) << "nothing is known yet";
}

// A view with pool web (ID 1) and its member 7.
api::SchemePart WebScheme() {
  api::PoolScheme pool;
  pool.name = "web";
  pool.id = PoolId(1);
  pool.members.push_back({.id = BackendId(7), .name = "b7", .address = {}});
  return {.at = {1, 4}, .pools = {pool}};
}

api::LoadPart LoadFor(api::Position scheme, uint32_t pool, uint16_t member) {
  return {.at = {1, 9},
          .scheme = scheme,
          .pools = {{.id = PoolId(pool), .members = {{.id = BackendId(member)}}}}};
}

TEST(WhyNotFor, NamesOnlyIdsOfTheSchemePart) {
  EXPECT_FALSE(WhyNotFor(WebScheme(), LoadFor({1, 4}, 1, 7)));
  EXPECT_EQ(WhyNotFor(WebScheme(), LoadFor({1, 4}, 1, 8)),
            "pools[web].members[id 8]: no such member in scheme part 1.4");
  EXPECT_EQ(WhyNotFor(WebScheme(), LoadFor({1, 4}, 2, 7)),
            "pools[id 2]: no such pool in scheme part 1.4");
  EXPECT_FALSE(WhyNotFor(WebScheme(), LoadFor({1, 3}, 2, 8))) << "what has left since";
}

}  // namespace
}  // namespace joinery::follow
