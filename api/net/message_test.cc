#include "api/net/message.h"

#include <gtest/gtest.h>

#include "api/net/exchange.h"

namespace joinery::api {
namespace {

TEST(Message, TheFirstParameterOfANameCounts) {
  const Request request{.parameters = {{"a", "path"}, {"b", "x"}, {"a", "query"}}};
  ASSERT_NE(request.Find("a"), nullptr);
  EXPECT_EQ(*request.Find("a"), "path");
  EXPECT_EQ(request.Find("c"), nullptr);
}

TEST(Message, ErrorsAreJson) {
  const Response plain = ErrorResponse(404, "no \"such\" thing");
  EXPECT_EQ(plain.status, 404U);
  EXPECT_EQ(*plain.body, R"({"error":"no \"such\" thing"})");
  EXPECT_TRUE(plain.headers.empty());
  const Response later = ErrorResponse(409, "not now", 30);
  EXPECT_EQ(*later.body, R"({"error":"not now","retry_after_s":30})");
  EXPECT_EQ(later.headers.at(0).second, "30");
}

struct Counting : Responder::Exchange {
  int sent = 0;
  int released = 0;
  void Send(Response) override { ++sent; }
  void OnGone(std::function<void()>) override {}
  void Release() override { ++released; }
};

TEST(Message, AResponderIsReleasedOnceWhereverItWent) {
  const auto first = std::make_shared<Counting>();
  const auto second = std::make_shared<Counting>();
  {
    Responder a(first);
    Responder b(std::move(a));
    b.Send({.status = 204});
    b = Responder(second);
    EXPECT_EQ(first->released, 1);
  }
  EXPECT_EQ(first->sent, 1);
  EXPECT_EQ(first->released, 1);
  EXPECT_EQ(second->sent, 0);
  EXPECT_EQ(second->released, 1);
}

}  // namespace
}  // namespace joinery::api
