#include "backend/kmod/loader/kernel_log.h"

#include <gtest/gtest.h>

namespace joinery::kmod {
namespace {

TEST(SaidIn, Records) {
  struct Row {
    const char* name;
    std::string_view record;
    std::string_view said;
  };
  const Row rows[] = {
      {.name = "ours",
       .record = "3,1027,10373895,-;joinery_token: refused: key_offset=0\n",
       .said = "refused: key_offset=0"},
      {.name = "ours with properties",
       .record = "6,1,2,-;joinery_token: self test\n SUBSYSTEM=x\n DEVICE=y\n",
       .said = "self test"},
      {.name = "without line end", .record = "6,1,2,-;joinery_token: x", .said = "x"},
      {.name = "a semicolon in the text",
       .record = "6,1,2,-;joinery_token: a; b\n",
       .said = "a; b"},
      {.name = "another's", .record = "6,1,2,-;tcp: joinery_token: x\n", .said = ""},
      {.name = "a longer name", .record = "6,1,2,-;joinery_token2: x\n", .said = ""},
      {.name = "name only", .record = "6,1,2,-;joinery_token", .said = ""},
      {.name = "no head", .record = "joinery_token: x\n", .said = ""},
      {.name = "nothing", .record = "", .said = ""},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(SaidIn(row.record, "joinery_token"), row.said) << row.name;
  }
}

}  // namespace
}  // namespace joinery::kmod
