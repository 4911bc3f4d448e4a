#include "lb/steer/avx512/fast_path.h"

#include <string>

#include <gtest/gtest.h>

namespace joinery::steer::avx512 {
namespace {

const std::vector<uint16_t> kTable = {0, 1, 0};
const crypto::Key128 kSecret(crypto::Key128::Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9});

FastPath::Entry EntryOf(const IpAddress& address, uint16_t port, uint16_t pool) {
  return {.address = address,
          .ports = PortRange::One(Port(port)),
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

FastPath::Entry RangeOf(unsigned index, uint16_t first, uint16_t last, uint16_t pool) {
  FastPath::Entry entry = EntryOf(AddressOf(index), first, pool);
  entry.ports.last = Port(last);
  return entry;
}

TEST(FastPath, FindsPortsInRanges) {
  // Out of order, IPv4 and IPv6, beside a port that is served by itself.
  const FastPath path(
      std::vector{RangeOf(2, 8200, 8299, 5), EntryOf(AddressOf(2), 443, 1), RangeOf(3, 1, 65535, 2),
                  RangeOf(2, 8000, 8099, 3), RangeOf(4, 1024, 65535, 4)},
      {}, 1500);
  EXPECT_EQ(path.size(), 5U);
  constexpr uint16_t kNobody = UINT16_MAX;
  struct Row {
    const char* name;
    unsigned address;
    uint16_t port;
    uint16_t pool = kNobody;
  };
  for (const Row& row : {
           Row{.name = "by itself", .address = 2, .port = 443, .pool = 1},
           Row{.name = "first", .address = 2, .port = 8000, .pool = 3},
           Row{.name = "last", .address = 2, .port = 8099, .pool = 3},
           Row{.name = "below", .address = 2, .port = 7999},
           Row{.name = "between", .address = 2, .port = 8100},
           Row{.name = "in the second", .address = 2, .port = 8250, .pool = 5},
           Row{.name = "above", .address = 2, .port = 8300},
           Row{.name = "all, first", .address = 3, .port = 1, .pool = 2},
           Row{.name = "all, last", .address = 3, .port = 65535, .pool = 2},
           Row{.name = "port 0", .address = 3, .port = 0},
           Row{.name = "the other byte order", .address = 4, .port = 1024, .pool = 4},
           Row{.name = "below it", .address = 4, .port = 1023},
           Row{.name = "another address", .address = 5, .port = 8000},
       }) {
    const Service* found = path.Find(KeyOf(AddressOf(row.address), Port(row.port)));
    ASSERT_EQ(found != nullptr, row.pool != kNobody) << row.name;
    if (found != nullptr) {
      EXPECT_EQ(found->pool, row.pool) << row.name;
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
