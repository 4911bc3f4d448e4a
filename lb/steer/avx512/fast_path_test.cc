#include "lb/steer/avx512/fast_path.h"

#include <string>

#include <gtest/gtest.h>

namespace joinery::steer::avx512 {
namespace {

const std::vector<uint16_t> kTable = {0, 1, 0};
const crypto::Key128 kSecret(crypto::Key128::Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9});

FastPath::Entry EntryOf(const IpAddress& address, uint16_t port, uint16_t pool) {
  return {.address = address,
          .port = Port(port),
          .pool = pool,
          .pool_id = PoolId(pool + 100U),
          .decodes = true,
          .join_interval = Nanoseconds(20),
          .table = kTable,
          .secret = kSecret};
}

// 198.18.x.y or 2001:db8::x:y, by the parity of `index`.
IpAddress AddressOf(unsigned index) {
  const auto high = static_cast<uint8_t>(index >> 8);
  const auto low = static_cast<uint8_t>(index);
  if (index % 2 == 0) return IpAddress::V4(std::array<uint8_t, 4>{198, 18, high, low});
  return IpAddress::V6(
      std::array<uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low});
}

std::vector<FastPath::Entry> Services(unsigned count) {
  std::vector<FastPath::Entry> entries;
  for (unsigned i = 0; i < count; ++i) {
    entries.push_back(EntryOf(AddressOf(i), 443, static_cast<uint16_t>(i)));
  }
  return entries;
}

TEST(FastPath, FindsEveryServiceOfAFewDozen) {
  for (const unsigned count : {1U, 2U, 20U, 40U}) {
    const FastPath path(Services(count), {}, 1500);
    EXPECT_EQ(path.size(), count);
    for (unsigned i = 0; i < count; ++i) {
      const Service* found = path.Find(KeyOf(AddressOf(i), Port(443)));
      ASSERT_NE(found, nullptr) << count << " services, " << i;
      EXPECT_EQ(found->pool, i);
      EXPECT_EQ(found->pool_id, PoolId(i + 100));
      EXPECT_EQ(found->table, kTable.data());
      EXPECT_EQ(found->table_size, kTable.size());
      EXPECT_EQ(found->join_interval_ns, 20U);
      EXPECT_EQ(found->secret[0], 0x0807060504030201U);
      EXPECT_EQ(found->secret[1], 9U);
    }
  }
}

TEST(FastPath, FindsNothingElse) {
  const FastPath path(Services(20), {}, 1500);
  EXPECT_EQ(path.Find(KeyOf(AddressOf(4), Port(80))), nullptr);
  EXPECT_EQ(path.Find(KeyOf(AddressOf(20), Port(443))), nullptr);
  EXPECT_EQ(FastPath().Find(KeyOf(AddressOf(4), Port(443))), nullptr);
}

TEST(FastPath, LeavesOutWhatCollidesAndWhatIsTooMuch) {
  constexpr unsigned kMany = 5000;
  const FastPath path(Services(kMany), {}, 1500);
  EXPECT_LE(path.size(), FastPath::kMaxServices);
  EXPECT_GT(path.size(), FastPath::kMaxServices * 9 / 10);
  size_t found = 0;
  for (unsigned i = 0; i < kMany; ++i) {
    const Service* service = path.Find(KeyOf(AddressOf(i), Port(443)));
    if (service == nullptr) continue;
    EXPECT_EQ(service->pool, i);
    ++found;
  }
  EXPECT_EQ(found, path.size());
}

TEST(FastPath, KnowsNoServiceWithoutBackends) {
  std::vector<FastPath::Entry> entries = Services(2);
  entries[0].table = {};
  const FastPath path(entries, {BackendId(7), BackendId(9)}, 1480);
  EXPECT_EQ(path.size(), 1U);
  EXPECT_EQ(path.Find(KeyOf(AddressOf(0), Port(443))), nullptr);
  EXPECT_EQ(path.IdOf(1), BackendId(9));
  EXPECT_EQ(path.smallest_mtu(), 1480);
}

}  // namespace
}  // namespace joinery::steer::avx512
