#include "api/net/router.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

class RouterTest : public testing::Test {
 protected:
  void Add(std::string_view method, std::string_view pattern, int number) {
    router_.Add(method, pattern, static_cast<size_t>(number),
                [this, number](const Request&, const Responder&) { called_ = number; });
  }
  int Call(std::string_view method, const std::vector<std::string>& segments) {
    called_ = 0;
    match_ = router_.Find(method, segments);
    if (match_.handler != nullptr) {
      (*match_.handler)({}, Responder(nullptr));
      EXPECT_EQ(match_.number, static_cast<size_t>(called_));
    }
    return called_;
  }

  Router router_;
  Router::Match match_;
  int called_ = 0;
};

TEST_F(RouterTest, NamesBecomeParametersAndWordsComeFirst) {
  Add("GET", "/v1/pools/{pool}/backends/{backend}", 1);
  Add("GET", "/v1/{room}", 2);
  Add("GET", "/v1/status", 3);
  Add("GET", "/", 4);
  EXPECT_EQ(Call("GET", {"v1", "pools", "web", "backends", "web1"}), 1);
  EXPECT_EQ(match_.parameters, (std::vector<std::pair<std::string, std::string>>{
                                   {"pool", "web"}, {"backend", "web1"}}));
  EXPECT_EQ(Call("GET", {"v1", "pools"}), 2);
  EXPECT_EQ(Call("GET", {"v1", "status"}), 3);
  EXPECT_EQ(Call("GET", {}), 4);
  EXPECT_EQ(Call("GET", {"v1"}), 0);
  EXPECT_EQ(Call("GET", {"v1", "pools", "web"}), 0);
  EXPECT_TRUE(match_.allowed.empty());
}

TEST_F(RouterTest, AnotherMethodIsToldWhichThereAre) {
  Add("GET", "/a", 1);
  Add("POST", "/a", 2);
  Add("PUT", "/{name}", 3);
  EXPECT_EQ(Call("POST", {"a"}), 2);
  EXPECT_EQ(Call("PUT", {"a"}), 3);
  EXPECT_EQ(Call("DELETE", {"a"}), 0);
  EXPECT_EQ(match_.allowed, "GET, POST, PUT");
}

}  // namespace
}  // namespace joinery::api
