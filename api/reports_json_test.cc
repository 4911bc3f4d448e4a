#include "api/reports_json.h"

#include <string>

#include <gtest/gtest.h>

#include "api/limits.h"
#include "api/random_messages.h"

namespace joinery::api {
namespace {

template <typename Message>
void ExpectRoundTrip(const Message& message, Expected<Message> (*parse)(std::string_view)) {
  const std::string text = ToJson(message);
  const auto again = parse(text);
  ASSERT_TRUE(again.has_value()) << again.error().message << "\n" << text;
  EXPECT_EQ(ToJson(*again), text);
}

TEST(ReportsJson, EveryReportComesBackAsItWas) {
  SeededRandom random(43);
  for (int i = 0; i < 500; ++i) {
    ExpectRoundTrip(RandomBalancerReport(random), ParseBalancerReport);
    ExpectRoundTrip(RandomBalancerReply(random), ParseBalancerReply);
    ExpectRoundTrip(RandomAgentReport(random), ParseAgentReport);
    ExpectRoundTrip(RandomAgentReply(random), ParseAgentReply);
  }
}

TEST(ReportsJson, BalancerReportHasTheDocumentedForm) {
  BalancerReport report;
  report.sequence = {.session = 5, .number = 6};
  report.scheme.at = {.epoch = 1, .version = 2};
  report.scheme.digest.fill(0xab);
  report.rejected = Rejection{.at = {.epoch = 1, .version = 3}, .reason = "no \"memory\""};
  std::string digest;
  for (int i = 0; i < 32; ++i) digest += "ab";
  EXPECT_EQ(ToJson(report),
            R"({"schema":1,"sequence":{"session":5,"number":6},)"
            R"("scheme":{"at":{"epoch":1,"version":2},"digest":")" +
                digest +
                R"("},"load":{"epoch":0,"version":0},"rejected":{"at":{"epoch":1,"version":3},)"
                R"("reason":"no \"memory\""},"tables":")" +
                std::string(64, '0') + R"(","ready":false,"held":null})");
}

TEST(ReportsJson, RepliesHaveTheDocumentedForm) {
  EXPECT_EQ(ToJson(BalancerReply{.lease = true, .lease_ms = 10'000}),
            R"({"schema":1,"lease":true,"lease_ms":10000,"behind":false,"send_scheme":false})");
  EXPECT_EQ(
      ToJson(AgentReply{.may_encode = true, .view = {.epoch = 1, .version = 2}, .incarnation = 3}),
      R"({"schema":1,"may_encode":true,"view":{"epoch":1,"version":2},"incarnation":3})");
}

// A reason may be any bytes of a failing library; the report must be readable all the same.
TEST(ReportsJson, TextsAreCutAndMadeReadable) {
  AgentReport report;
  report.rejected = Rejection{.at = {}, .reason = std::string(5'000, '\xff')};
  report.findings.push_back(
      {.name = "mtu", .ok = false, .detail = std::string(kMaxDetailBytes - 1, 'x') + "\xc3\xa9"});
  const auto again = ParseAgentReport(ToJson(report));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  ASSERT_TRUE(again->rejected.has_value());
  EXPECT_EQ(again->rejected->reason.substr(0, 3), "\xef\xbf\xbd");
  EXPECT_EQ(again->findings.at(0).detail, std::string(kMaxDetailBytes - 1, 'x'));
}

TEST(ReportsJson, RefusalsNameTheirPlace) {
  const std::string good = ToJson(AgentReport{});
  std::string bad = good;
  bad.replace(bad.find("\"uses\":[]"), 9, R"("uses":[{"serial":1,"tokens":4294967296,"keys":0}])");
  const auto report = ParseAgentReport(bad);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().message,
            "uses[0].tokens: 4294967296; expected an integer of 0..4294967295");
  EXPECT_FALSE(ParseBalancerReply(R"({"schema":1})").has_value());
  EXPECT_FALSE(ParseAgentReply("[]").has_value());
}

}  // namespace
}  // namespace joinery::api
