#include "base/mac_address.h"

#include <gtest/gtest.h>

namespace joinery {
namespace {

TEST(MacAddress, ReadsAndPrints) {
  const auto mac = MacAddress::Parse("02:00:5E:00:53:01");
  ASSERT_TRUE(mac);
  EXPECT_EQ(ToString(*mac), "02:00:5e:00:53:01");
  EXPECT_FALSE(mac->IsGroup());
  EXPECT_TRUE(kBroadcastMac.IsGroup());
}

TEST(MacAddress, RefusesEverythingElse) {
  for (const char* text : {"", "02:00:5e:00:53", "02:00:5e:00:53:01:", "02-00-5e-00-53-01",
                           "02:00:5e:00:53:0g", "2:00:5e:00:53:011"}) {
    EXPECT_EQ(MacAddress::Parse(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace joinery
