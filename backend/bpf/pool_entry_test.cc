#include "backend/bpf/pool_entry.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace joinery::bpf {
namespace {

tokenmap::CookieEpoch Epoch(uint64_t serial, uint8_t key = 0) {
  return {.serial = Serial(serial),
          .key = crypto::Key128::Bytes{static_cast<uint8_t>(serial), key}};
}

CookiePool Pool(std::vector<tokenmap::CookieEpoch> live, uint64_t writing) {
  return {.pool = PoolId(3),
          .id_bits = 8,
          .id = BackendId(17),
          .live = std::move(live),
          .writing = writing == 0 ? std::nullopt : std::optional(Serial(writing))};
}

joinery_bpf_pool Entry(const CookiePool& pool) {
  const auto entry = MakePoolEntry(pool);
  EXPECT_TRUE(entry) << entry.error().message;
  return entry.value();
}

bool Same(const joinery_bpf_pool& a, const joinery_bpf_pool& b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

TEST(PoolEntry, PutsEachEpochAtItsResidue) {
  const joinery_bpf_pool entry = Entry(Pool({Epoch(9), Epoch(10)}, 9));
  EXPECT_EQ(entry.id, 17U);
  EXPECT_EQ(entry.owner, 4U);
  EXPECT_EQ(entry.writing, 1U);
  EXPECT_EQ(entry.live[1].serial, 9U);
  EXPECT_EQ(entry.live[1].code_bits, 11);
  EXPECT_EQ(entry.live[1].key[0], 9U) << "the key's bytes are little-endian words";
  EXPECT_EQ(entry.live[2].serial, 10U);
  EXPECT_EQ(entry.live[0].serial, 0U);
  EXPECT_EQ(entry.live[3].serial, 0U);
}

TEST(PoolEntry, MayWriteNothingYet) {
  EXPECT_EQ(Entry(Pool({Epoch(4)}, 0)).writing, JOINERY_BPF_NOT_WRITING);
  EXPECT_EQ(Entry(Pool({}, 0)).writing, JOINERY_BPF_NOT_WRITING);
}

struct RefusedPool {
  const char* name;
  CookiePool pool;
  const char* says;
};

TEST(PoolEntry, RefusesWhatCannotBeRead) {
  CookiePool wide = Pool({Epoch(4)}, 4), large = wide;
  wide.id_bits = 12;
  large.id = BackendId(256);
  const RefusedPool rows[] = {
      {"two epochs of one residue", Pool({Epoch(5), Epoch(9)}, 5), "epochs 5 and 9 look alike"},
      {"an epoch to write that is not live", Pool({Epoch(5)}, 6), "epoch 6 is to be written"},
      {"a serial below the first", Pool({Epoch(3)}, 3), "pool 3: "},
      {"too many ID bits", wide, "pool 3: "},
      {"an ID that does not fit", large, "ID 256 does not fit; allowed 0..255"},
  };
  for (const RefusedPool& row : rows) {
    const auto entry = MakePoolEntry(row.pool);
    ASSERT_FALSE(entry) << row.name;
    EXPECT_NE(entry.error().message.find(row.says), std::string::npos)
        << row.name << ": " << entry.error().message;
  }
}

TEST(StepsToPool, WritesTheEpochsOfANewPoolBeforeItUsesOne) {
  const joinery_bpf_pool next = Entry(Pool({Epoch(9)}, 9));
  const auto steps = StepsToPool({}, next).value();
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].live[1].serial, 9U);
  EXPECT_EQ(steps[0].writing, JOINERY_BPF_NOT_WRITING);
  EXPECT_TRUE(Same(steps[1], next));
}

TEST(StepsToPool, KeepsTheEpochBeingWrittenUntilTheNextOneIs) {
  const joinery_bpf_pool now = Entry(Pool({Epoch(8), Epoch(9)}, 9));
  const joinery_bpf_pool next = Entry(Pool({Epoch(10)}, 10));
  const auto steps = StepsToPool(now, next).value();
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].writing, 1U);
  EXPECT_EQ(steps[0].live[1].serial, 9U);
  EXPECT_EQ(steps[0].live[2].serial, 10U);
  EXPECT_EQ(steps[1].writing, 2U);
  EXPECT_EQ(steps[1].live[1].serial, 9U);
  EXPECT_TRUE(Same(steps[2], next));
}

TEST(StepsToPool, MayStayWhereItIs) {
  const joinery_bpf_pool now = Entry(Pool({Epoch(9)}, 9));
  const auto steps = StepsToPool(now, now).value();
  for (const joinery_bpf_pool& step : steps) EXPECT_TRUE(Same(step, now));
}

TEST(StepsToPool, MayChangeTheIdWithALaterEpoch) {
  CookiePool later = Pool({Epoch(9), Epoch(10)}, 10);
  later.id = BackendId(18);
  EXPECT_TRUE(StepsToPool(Entry(Pool({Epoch(9)}, 9)), Entry(later)));
}

TEST(StepsToPool, RefusesWhatFlowsDoNotSurvive) {
  CookiePool bits = Pool({Epoch(10)}, 10), id = Pool({Epoch(9)}, 9);
  bits.id_bits = 9;
  id.id = BackendId(18);
  const RefusedPool rows[] = {
      {"an older epoch", Pool({Epoch(8)}, 8), "epoch 8 may not be written after 9"},
      {"the same epoch with another key", Pool({Epoch(9, 1)}, 9), "epoch 9 has another key"},
      {"another layout", bits, "the number of ID bits may not change"},
      {"another ID in the same epoch", id, "ID 17 may not become 18 within epoch 9"},
      {"the next epoch of the same residue", Pool({Epoch(13)}, 13),
       "epoch 13 would take the place"},
      {"no epoch", Pool({Epoch(9)}, 0), "may not stop while VIPs exist"},
  };
  const joinery_bpf_pool now = Entry(Pool({Epoch(9)}, 9));
  for (const RefusedPool& row : rows) {
    const auto steps = StepsToPool(now, Entry(row.pool));
    ASSERT_FALSE(steps) << row.name;
    EXPECT_NE(steps.error().message.find(row.says), std::string::npos)
        << row.name << ": " << steps.error().message;
  }
}

}  // namespace
}  // namespace joinery::bpf
