#include "api/net/client.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "api/net/server.h"
#include "api/net/testing.h"

namespace joinery::api {
namespace {

using std::chrono::milliseconds;

class ClientTest : public testing::Test {
 protected:
  static std::unique_ptr<Server> Serve(Loop& loop, const std::string& path,
                                       const ServerLimits& limits = {}) {
    auto server = std::make_unique<Server>(loop, limits);
    server->Route("POST", "/echo", [](const Request& request, Responder responder) {
      responder.Send(JsonResponse(request.body));
    });
    server->Route("GET", "/no", [](const Request&, Responder responder) {
      responder.Send(ErrorResponse(409, "not now", 7));
    });
    EXPECT_TRUE(server->Listen(UnixListener{.path = path}).has_value());
    return server;
  }
  Expected<Answer> Ask(Client& client, Call call) {
    std::optional<Expected<Answer>> got;
    client.Send(std::move(call), [&](Expected<Answer> answer) { got = std::move(answer); });
    EXPECT_TRUE(Eventually(loop_, [&] { return got.has_value(); }));
    return got ? std::move(*got) : Fail("no answer");
  }

  TestFolder folder_;
  std::string path_ = folder_ / "s";
  Loop loop_;
};

TEST_F(ClientTest, CallsAreAnsweredInTheirOrderOverOneConnection) {
  const auto server = Serve(loop_, path_);
  Client client(loop_, {.unix_path = path_});
  std::vector<std::string> bodies;
  for (const char* body : {"one", "two", "three"}) {
    client.Send({.method = "POST", .target = "/echo", .body = body}, [&](Expected<Answer> answer) {
      bodies.push_back(answer ? answer->body : answer.error().message);
    });
  }
  ASSERT_TRUE(Eventually(loop_, [&] { return bodies.size() == 3; }));
  EXPECT_EQ(bodies, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(server->counters().accepted, 1U);
}

TEST_F(ClientTest, ARefusalIsAnAnswer) {
  const auto server = Serve(loop_, path_);
  Client client(loop_, {.unix_path = path_});
  const auto answer = Ask(client, {.target = "/no"});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 409U);
  EXPECT_FALSE(answer->ok());
  EXPECT_EQ(answer->ErrorText(), "not now");
  EXPECT_EQ(answer->retry_after_s, 7U);
  EXPECT_EQ((Answer{.status = 502, .body = "<html>"}).ErrorText(), "status 502");
}

// Also while the client is still sending what it must not.
TEST_F(ClientTest, TooLargeABodyIsRefusedReadably) {
  const auto server = Serve(loop_, path_, {.body_bytes = 1 << 20});
  Client client(loop_, {.unix_path = path_});
  const auto answer =
      Ask(client, {.method = "POST", .target = "/echo", .body = std::string(4 << 20, 'x')});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 413U);
}

TEST_F(ClientTest, AConnectionThatTheServerClosedIsMadeAgain) {
  auto server = Serve(loop_, path_);
  Client client(loop_, {.unix_path = path_});
  ASSERT_TRUE(Ask(client, {.method = "POST", .target = "/echo", .body = "1"}).has_value());
  server = nullptr;
  server = Serve(loop_, path_);
  const auto again = Ask(client, {.method = "POST", .target = "/echo", .body = "2"});
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->body, "2");
}

TEST_F(ClientTest, NobodyThereIsAnErrorThatSaysWhere) {
  Client client(loop_, {.unix_path = path_});
  const auto answer = Ask(client, {.target = "/"});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message, "unix:" + path_ + ": connecting: No such file or directory");
}

TEST_F(ClientTest, ASilentServerIsGivenUp) {
  Server server(loop_);
  std::vector<Responder> kept;
  server.Route("GET", "/",
               [&](const Request&, Responder responder) { kept.push_back(std::move(responder)); });
  ASSERT_TRUE(server.Listen(UnixListener{.path = path_}).has_value());
  Client client(loop_, {.unix_path = path_});
  const auto answer = Ask(client, {.target = "/", .timeout = milliseconds(50)});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message, "unix:" + path_ + ": waiting for the answer: took too long");
}

TEST_F(ClientTest, TooLargeAnAnswerIsRefused) {
  const auto server = Serve(loop_, path_);
  Client client(loop_, {.unix_path = path_});
  const auto answer =
      Ask(client,
          {.method = "POST", .target = "/echo", .body = std::string(1'000, 'x'), .max_body = 999});
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().message.find("body limit"), std::string::npos) << answer.error().message;
}

TEST_F(ClientTest, NoHeaderCanBeSmuggled) {
  Client client(loop_, {.unix_path = path_});
  EXPECT_FALSE(Ask(client, {.target = "/ HTTP/1.1\r\nX: y"}).has_value());
  EXPECT_FALSE(Ask(client, {.method = "GET /", .target = "/"}).has_value());
}

TEST_F(ClientTest, ItsEndEndsItsCalls) {
  const auto server = Serve(loop_, path_);
  auto client = std::make_unique<Client>(loop_, Endpoint{.unix_path = path_});
  client->Send({.method = "POST", .target = "/echo", .body = "x"},
               [](const Expected<Answer>&) { FAIL() << "it was stopped"; });
  client.reset();
  bool passed = false;
  const auto timer = loop_.After(milliseconds(20), [&] { passed = true; });
  EXPECT_TRUE(Eventually(loop_, [&] { return passed; }));
}

TEST_F(ClientTest, ACallbackMayEndItsClient) {
  const auto server = Serve(loop_, path_);
  auto client = std::make_unique<Client>(loop_, Endpoint{.unix_path = path_});
  client->Send({.target = "/no"}, [&](const Expected<Answer>&) { client.reset(); });
  EXPECT_TRUE(Eventually(loop_, [&] { return client == nullptr && server->connections() == 0; }));
}

TEST_F(ClientTest, ToolsCallOnce) {
  Loop loop;
  const auto server = Serve(loop, path_);
  std::thread serving([&] { loop.Run(); });
  const auto answer =
      CallOnce({.unix_path = path_}, {.method = "POST", .target = "/echo", .body = "x"});
  loop.Stop();
  serving.join();
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "x");
}

}  // namespace
}  // namespace joinery::api
