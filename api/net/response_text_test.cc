#include "api/net/response_text.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(ResponseText, HeadOfAView) {
  Response response = JsonResponse("{\"hello\": \"world\"}\n");
  response.position = Position{.epoch = 3, .version = 41};
  EXPECT_EQ(ResponseHead(response, true),
            "HTTP/1.1 200 OK\r\n"
            "Cache-Control: no-store\r\n"
            "Content-Type: application/json\r\n"
            "Content-Digest: sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:\r\n"
            "Content-Length: 19\r\n"
            "Joinery-Position: 3.41\r\n"
            "\r\n");
}

TEST(ResponseText, WithoutABody) {
  EXPECT_EQ(ResponseHead({.status = 204}, false),
            "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(ResponseHead({.status = 200}, true),
            "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseText, AValueIsNeverTwoHeaders) {
  Response response{.status = 200};
  response.headers.emplace_back("Allow", "GET\r\nX: y");
  EXPECT_NE(ResponseHead(response, true).find("Allow: GET  X: y\r\n"), std::string::npos);
}

}  // namespace
}  // namespace joinery::api
