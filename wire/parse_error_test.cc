#include "wire/parse_error.h"

#include <set>

#include <gtest/gtest.h>

namespace joinery::wire {
namespace {

TEST(ParseError, PrintsReasonPlaceAndSentence) {
  EXPECT_EQ(ToString(ParseError{ParseReason::kBadIpVersion, 14}),
            "bad_ip_version at 14: the IP version is not the ethertype's");
}

TEST(ParseError, EveryReasonHasItsOwnName) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kParseReasonCount; ++i) {
    const auto reason = static_cast<ParseReason>(i);
    EXPECT_FALSE(Text(reason).empty());
    names.insert(Name(reason));
  }
  EXPECT_EQ(names.size(), kParseReasonCount);
  EXPECT_EQ(Name(ParseReason::kBadNdp), "bad_ndp");
}

}  // namespace
}  // namespace joinery::wire
