// What control, balancers and agents send each other: the first byte says which message the rest
// is. What is accepted writes as JSON that reads as the same; what is refused prints.
#include <string>
#include <string_view>

#include "api/agent_view_json.h"
#include "api/balancer_view_json.h"
#include "api/digest.h"
#include "api/net/identity.h"
#include "api/net/target.h"
#include "api/position_text.h"
#include "api/reports_json.h"
#include "tests/fuzz/check.h"

namespace joinery::fuzz {
namespace {

template <typename Message>
void FeedJson(std::string_view text, Expected<Message> (*parse)(std::string_view)) {
  const auto message = parse(text);
  if (!message) {
    for (const char c : message.error().message) {
      Check(c >= ' ' && c != '\x7f', "an error is fit for a terminal");
    }
    Print(message.error().message);
    return;
  }
  const std::string printed = api::ToJson(*message);
  const auto again = parse(printed);
  Check(again.has_value(), "what ToJson wrote, the parser accepts");
  Check(api::ToJson(*again) == printed, "what ToJson wrote is the whole message");
}

void FeedHeaders(std::string_view text) {
  if (const auto at = api::ParsePosition(text)) {
    Check(api::ToString(*at) == text, "a position has one form");
  }
  if (const auto identity = api::ParseIdentity(text)) {
    Check(api::ToString(*identity) == text, "an identity has one form");
  }
  if (const auto digest = api::ParseContentDigest(text)) {
    Check(api::ParseContentDigest(api::ToContentDigest(*digest)) == digest, "a digest comes back");
  }
  if (const auto target = api::ParseTarget(text)) {
    for (const std::string& segment : target->segments) {
      Check(!segment.empty() && segment != "." && segment != "..", "a path goes down");
      Check(api::PercentDecode(api::PercentEncode(segment)) == segment, "a segment comes back");
    }
  }
}

void Feed(uint8_t kind, std::string_view text) {
  switch (kind % 8) {
    case 0:
      return FeedJson(text, api::ParseSchemePart);
    case 1:
      return FeedJson(text, api::ParseLoadPart);
    case 2:
      return FeedJson(text, api::ParseAgentView);
    case 3:
      return FeedJson(text, api::ParseBalancerReport);
    case 4:
      return FeedJson(text, api::ParseBalancerReply);
    case 5:
      return FeedJson(text, api::ParseAgentReport);
    case 6:
      return FeedJson(text, api::ParseAgentReply);
    default:
      return FeedHeaders(text);
  }
}

}  // namespace
}  // namespace joinery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > UINT16_MAX) return 0;
  joinery::fuzz::Feed(data[0], {reinterpret_cast<const char*>(data + 1), size - 1});
  return 0;
}
