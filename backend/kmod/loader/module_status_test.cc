#include "backend/kmod/loader/module_status.h"

#include <gtest/gtest.h>

namespace joinery::kmod {
namespace {

TEST(ParseStatus, ReadsASchemeAndTheCounters) {
  const auto status = ParseStatus(
      "schema 1\nincarnation 18446744073709551615\nscheme set\nalgorithm ff1\ngeneration_bits 2\n"
      "id_bits 8\npool 7\nbackend 5\ncodepoint 1\nserial 9\nlive_tokens_limit 524288\nkeys 4076\n"
      "keys_max 4096\nused_syn 20\nlayout_mismatch 0\n");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->incarnation, UINT64_MAX);
  EXPECT_EQ(status->scheme, (ActiveScheme{PoolId(7), BackendId(5), Codepoint(1), Serial(9)}));
  EXPECT_EQ(status->keys, 4076U);
  EXPECT_EQ(status->counters.at("used_syn"), 20U);
  EXPECT_EQ(status->counters.at("layout_mismatch"), 0U);
  EXPECT_EQ(status->counters.count("algorithm"), 0U) << "no number";
}

TEST(ParseStatus, KnowsThatThereIsNoScheme) {
  const auto status = ParseStatus("schema 1\nincarnation 3\nscheme none\nkeys 0\nnews from later");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_FALSE(status->scheme);
  EXPECT_EQ(status->keys, 0U);
}

TEST(ParseStatus, RefusesWhatItCannotTrust) {
  struct Row {
    const char* name;
    const char* text;
  };
  const Row rows[] = {
      {.name = "nothing", .text = ""},
      {.name = "an older module", .text = "schema 1\nscheme none\nkeys 0\n"},
      {.name = "incarnation 0", .text = "incarnation 0\nscheme none\n"},
      {.name = "incarnation is no number", .text = "incarnation 12x\nscheme none\n"},
      {.name = "a scheme without its serial",
       .text = "incarnation 1\nscheme set\npool 1\nbackend 5\ncodepoint 0\n"},
      {.name = "an ID of 17 bits",
       .text = "incarnation 1\nscheme set\npool 1\nbackend 65536\ncodepoint 0\nserial 1\n"},
  };
  for (const Row& row : rows) EXPECT_FALSE(ParseStatus(row.text)) << row.name;
}

}  // namespace
}  // namespace joinery::kmod
