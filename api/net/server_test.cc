#include "api/net/server.h"

#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include "api/net/testing.h"

namespace joinery::api {
namespace {

using std::chrono::milliseconds;

// A server on a Unix socket, with handlers of each kind.
class ServerTest : public testing::Test {
 protected:
  void Start(const ServerLimits& limits = {}) {
    server_ = std::make_unique<Server>(loop_, limits);
    server_->Route("GET", "/hello/{name}", [](const Request& request, Responder responder) {
      const std::string* more = request.Find("more");
      responder.Send(JsonResponse(fmt::format("{} {} {}", request.peer.uid, *request.Find("name"),
                                              more == nullptr ? "-" : *more)));
    });
    server_->Route("POST", "/echo", [](const Request& request, Responder responder) {
      responder.Send(JsonResponse(request.body));
    });
    server_->Route("GET", "/large", [](const Request&, Responder responder) {
      responder.Send(JsonResponse(std::string(64 << 20, 'x')));
    });
    server_->Route("GET", "/forgotten", [](const Request&, const Responder&) {});
    server_->Route("GET", "/later", [this](const Request&, Responder responder) {
      responder.OnGone([this] { ++gone_; });
      kept_.push_back(std::move(responder));
    });
    ASSERT_TRUE(server_->Listen(UnixListener{.path = path_}).has_value());
  }
  RawPeer Connect() { return RawPeer::ConnectUnix(path_); }
  // What a new connection gets for `bytes`, up to its end.
  std::string Exchange(std::string_view bytes) {
    RawPeer peer = Connect();
    EXPECT_EQ(peer.Send(bytes), bytes.size());
    EXPECT_TRUE(Eventually(loop_, [&] { return peer.Ended(); })) << peer.Received();
    return peer.Received();
  }
  [[nodiscard]] bool Waits(size_t requests) {
    return Eventually(loop_, [&] { return server_->waiting() == requests; });
  }
  const ServerCounters& counters() { return server_->counters(); }

  TestFolder folder_;
  std::string path_ = folder_ / "s";
  Loop loop_;
  std::vector<Responder> kept_;
  int gone_ = 0;
  std::unique_ptr<Server> server_;
};

std::string Get(std::string_view target, std::string_view more = "Connection: close\r\n") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n{}\r\n", target, more);
}

TEST_F(ServerTest, AnswersWithDigestAndLength) {
  Start();
  const std::string answer = Exchange(Get("/hello/w%20x?more=a%26b"));
  const std::string body = fmt::format("{} w x a&b", getuid());
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + body)) << answer;
  EXPECT_NE(answer.find(fmt::format("Content-Length: {}\r\n", body.size())), std::string::npos);
  EXPECT_NE(answer.find("Content-Digest: sha-256=:"), std::string::npos);
  EXPECT_EQ(counters().responses, 1U);
  EXPECT_EQ(server_->connections(), 0U);
}

struct RefusalRow {
  std::string_view name;
  std::string request;
  std::string_view status;
  std::string_view body;
  uint64_t ServerCounters::*counter;
};

const RefusalRow kRefusals[] = {
    {"no such path", Get("/nothing"), "404", "no such path", &ServerCounters::no_route},
    {"no such method", "DELETE /echo HTTP/1.1\r\nConnection: close\r\n\r\n", "405",
     "no such method here", &ServerCounters::no_route},
    {"not HTTP", "hello, who are you?\r\n\r\n", "400", "not HTTP/1.1", &ServerCounters::malformed},
    {"binary", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), "400",
     "not HTTP/1.1", &ServerCounters::malformed},
    {"two lengths", "POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
     "400", "not HTTP/1.1", &ServerCounters::malformed},
    {"escape cut off", Get("/hello/%4"), "400", "the request's target is not a path",
     &ServerCounters::malformed},
    {"upwards", Get("/hello/../x"), "400", "the request's target is not a path",
     &ServerCounters::malformed},
    {"header too large", Get("/x", "A: " + std::string(9'000, 'a') + "\r\n"), "431",
     "header too large; allowed 8192 bytes", &ServerCounters::header_too_large},
    {"body announced too large", "POST /echo HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", "413",
     "body too large; allowed 1048576 bytes", &ServerCounters::body_too_large},
    {"digest of another body",
     "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 1\r\nContent-Digest: "
     "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:\r\n\r\nx",
     "400", "the Content-Digest is not of this body", &ServerCounters::digest_mismatch},
    {"handler that forgets", Get("/forgotten"), "500", "the request was given up",
     &ServerCounters::unanswered},
};

TEST_F(ServerTest, EachRefusalHasItsStatusAndItsCounter) {
  Start({.body_bytes = 1 << 20});
  for (const RefusalRow& row : kRefusals) {
    SCOPED_TRACE(row.name);
    const uint64_t before = counters().*row.counter;
    RawPeer peer = Connect();
    peer.Send(row.request);
    ASSERT_TRUE(Eventually(loop_, [&] {
      return peer.Received().find("\r\n\r\n{") != std::string::npos;
    })) << peer.Received();
    EXPECT_EQ(peer.Received().substr(9, 3), row.status);
    EXPECT_NE(peer.Received().find(fmt::format("{{\"error\":\"{}", row.body)), std::string::npos)
        << peer.Received();
    EXPECT_EQ(counters().*row.counter, before + 1);
  }
  EXPECT_TRUE(Eventually(loop_, [&] { return server_->connections() == 0; }));
}

TEST_F(ServerTest, CountsAnswersByRouteAndStatus) {
  Start();
  for (const char* target : {"/hello/a", "/hello/b", "/forgotten", "/nothing", "/no/thing"}) {
    Exchange(Get(target));
  }
  const auto& answers = server_->answers();
  EXPECT_EQ(answers[0].pattern, "");
  EXPECT_EQ(answers[0].by_status, (std::map<unsigned, uint64_t>{{404, 2}})) << "paths do not count";
  EXPECT_EQ(answers[1].method, "GET");
  EXPECT_EQ(answers[1].pattern, "/hello/{name}");
  EXPECT_EQ(answers[1].by_status, (std::map<unsigned, uint64_t>{{200, 2}}));
  EXPECT_EQ(answers[4].pattern, "/forgotten");
  EXPECT_EQ(answers[4].by_status, (std::map<unsigned, uint64_t>{{500, 1}}));
}

TEST_F(ServerTest, MethodsOfAPathAreNamed) {
  Start();
  EXPECT_NE(Exchange("PUT /echo HTTP/1.1\r\nConnection: close\r\n\r\n").find("\r\nAllow: POST\r\n"),
            std::string::npos);
}

// The refusal arrives although the client goes on sending.
TEST_F(ServerTest, ABodyThatIsTooLargeIsNotRead) {
  Start({.body_bytes = 1 << 20});
  RawPeer peer = Connect();
  peer.Send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";
  size_t chunks = 0;
  std::string_view rest = chunk;
  ASSERT_TRUE(Eventually(loop_, [&] {
    rest.remove_prefix(peer.Send(rest));
    if (rest.empty() && ++chunks < 200) rest = chunk;
    return peer.Received().find("allowed 1048576 bytes") != std::string::npos;
  }));
  EXPECT_TRUE(peer.Received().starts_with("HTTP/1.1 413 ")) << peer.Received();
}

TEST_F(ServerTest, RequestsInARowAreAnsweredInOrder) {
  Start();
  const std::string answers =
      Exchange(Get("/hello/one", "") + Get("/hello/two", "") + Get("/hello/three"));
  const size_t one = answers.find(" one -");
  const size_t two = answers.find(" two -");
  const size_t three = answers.find(" three -");
  EXPECT_LT(one, two);
  EXPECT_LT(two, three);
  EXPECT_NE(three, std::string::npos);
}

TEST_F(ServerTest, WhoAsksBeforeSendingItsBodyIsToldToGoOn) {
  Start();
  RawPeer peer = Connect();
  peer.Send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  ASSERT_TRUE(Eventually(loop_, [&] { return !peer.Received().empty(); }));
  EXPECT_EQ(peer.Received(), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.Send("abc");
  EXPECT_TRUE(Eventually(loop_, [&] { return peer.Received().ends_with("\r\n\r\nabc"); }));
}

TEST_F(ServerTest, AnAnswerMayComeLater) {
  Start();
  RawPeer peer = Connect();
  peer.Send(Get("/later"));
  ASSERT_TRUE(Waits(1));
  kept_.at(0).Send(JsonResponse("first"));
  kept_.at(0).Send(JsonResponse("second"));
  ASSERT_TRUE(Eventually(loop_, [&] { return peer.Ended(); }));
  EXPECT_TRUE(peer.Received().ends_with("first")) << peer.Received();
  EXPECT_EQ(server_->waiting(), 0U);
  EXPECT_EQ(gone_, 0);
}

// Whoever keeps its responder is not heard again on the same connection.
TEST_F(ServerTest, AnAnswerIsOfItsOwnRequest) {
  Start();
  RawPeer peer = Connect();
  peer.Send(Get("/later", ""));
  ASSERT_TRUE(Waits(1));
  kept_.at(0).Send(JsonResponse("first"));
  ASSERT_TRUE(Eventually(loop_, [&] { return peer.Received().ends_with("first"); }));
  peer.Send(Get("/later"));
  ASSERT_TRUE(Waits(1));
  kept_.at(0).Send(JsonResponse("stray"));
  kept_.at(1).Send(JsonResponse("second"));
  ASSERT_TRUE(Eventually(loop_, [&] { return peer.Ended(); }));
  EXPECT_TRUE(peer.Received().ends_with("second")) << peer.Received();
  EXPECT_EQ(peer.Received().find("stray"), std::string::npos);
}

TEST_F(ServerTest, WhoGoesAwayWhileItWaitsIsNoticed) {
  Start();
  RawPeer peer = Connect();
  peer.Send(Get("/later"));
  ASSERT_TRUE(Waits(1));
  peer.Close();
  EXPECT_TRUE(Eventually(loop_, [&] { return gone_ == 1 && server_->connections() == 0; }));
  EXPECT_EQ(counters().gone, 1U);
  kept_.at(0).Send(JsonResponse("nobody hears"));
  EXPECT_EQ(server_->waiting(), 0U);
}

TEST_F(ServerTest, WhoSpeaksWhileItWaitsIsCutOff) {
  Start();
  RawPeer peer = Connect();
  peer.Send(Get("/later"));
  ASSERT_TRUE(Waits(1));
  peer.Send("x");
  EXPECT_TRUE(Eventually(loop_, [&] { return peer.Ended(); }));
  EXPECT_EQ(gone_, 1);
}

TEST_F(ServerTest, AnAnswerThatIsTooLateIs503) {
  Start({.answer = milliseconds(50)});
  RawPeer peer = Connect();
  peer.Send(Get("/later"));
  ASSERT_TRUE(Eventually(loop_, [&] { return peer.Ended(); }));
  EXPECT_TRUE(peer.Received().starts_with("HTTP/1.1 503 ")) << peer.Received();
  EXPECT_NE(peer.Received().find("\r\nRetry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(counters().answer_late, 1U);
  EXPECT_EQ(gone_, 1);
}

TEST_F(ServerTest, WhoSaysNothingIsClosed) {
  Start({.idle = milliseconds(50)});
  RawPeer peer = Connect();
  EXPECT_TRUE(Eventually(loop_, [&] { return peer.Ended(); }));
  EXPECT_EQ(counters().idle_closed, 1U);
}

TEST_F(ServerTest, ARequestThatDripsIsClosed) {
  Start({.request = milliseconds(50)});
  RawPeer peer = Connect();
  EXPECT_TRUE(Eventually(loop_, [&] {
    peer.Send("G");  // never whole, however long it goes on
    return peer.Ended();
  }));
  EXPECT_EQ(counters().request_late + counters().malformed + counters().header_too_large, 1U);
}

TEST_F(ServerTest, HalfARequestIsClosed) {
  Start({.request = milliseconds(50)});
  RawPeer peer = Connect();
  peer.Send("GET /hello/x HTTP/1.1\r\nHost:");
  EXPECT_TRUE(Eventually(loop_, [&] { return peer.Ended(); }));
  EXPECT_EQ(counters().request_late, 1U);
}

TEST_F(ServerTest, WhoDoesNotReadItsAnswerIsClosed) {
  Start({.write = milliseconds(50), .write_bytes_per_s = uint64_t{1} << 30});
  RawPeer peer = Connect();
  peer.Send(Get("/large"));
  EXPECT_TRUE(Eventually(loop_, [&] { return counters().slow_reader == 1; }));
  EXPECT_TRUE(Eventually(loop_, [&] { return server_->connections() == 0; }));
  EXPECT_LT(peer.Received().size(), size_t{64} << 20);
}

TEST_F(ServerTest, EachPeerHasItsShare) {
  Start({.connections_per_peer = 2});
  const RawPeer first = Connect();
  RawPeer second = Connect();
  ASSERT_TRUE(Eventually(loop_, [&] { return server_->connections() == 2; }));
  RawPeer third = Connect();
  third.Send(Get("/hello/x"));
  ASSERT_TRUE(
      Eventually(loop_, [&] { return third.Received().find("\r\n\r\n{") != std::string::npos; }));
  EXPECT_TRUE(third.Received().starts_with("HTTP/1.1 429 ")) << third.Received();
  EXPECT_EQ(counters().peer_full, 1U);
  third.Close();
  second.Close();
  ASSERT_TRUE(Eventually(loop_, [&] { return server_->connections() == 1; }));
  EXPECT_NE(Exchange(Get("/hello/x")).find(" 200 "), std::string::npos);
}

TEST_F(ServerTest, ConnectionsAreBounded) {
  Start({.connections = 1});
  const RawPeer first = Connect();
  ASSERT_TRUE(Eventually(loop_, [&] { return server_->connections() == 1; }));
  RawPeer second = Connect();
  EXPECT_TRUE(Eventually(loop_, [&] { return second.Ended(); }));
  EXPECT_EQ(second.Received(), "");
  EXPECT_EQ(counters().full, 1U);
}

// Nobody waits for ever for a server that is gone.
TEST_F(ServerTest, ItsEndIsTheEndOfItsConnections) {
  Start();
  RawPeer waiting = Connect();
  waiting.Send(Get("/later"));
  ASSERT_TRUE(Waits(1));
  RawPeer idle = Connect();
  ASSERT_TRUE(Eventually(loop_, [&] { return server_->connections() == 2; }));
  server_.reset();
  EXPECT_TRUE(Eventually(loop_, [&] { return waiting.Ended() && idle.Ended(); }));
  EXPECT_NE(access(path_.c_str(), F_OK), 0);
  kept_.clear();
}

TEST_F(ServerTest, TheSocketHasItsModeFromTheStart) {
  server_ = std::make_unique<Server>(loop_);
  ASSERT_TRUE(server_->Listen(UnixListener{.path = path_, .mode = 0660}).has_value());
  struct stat is {};
  ASSERT_EQ(stat(path_.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 07777, 0660U);
  const auto again = server_->Listen(UnixListener{.path = path_});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().message, path_ + ": another process listens there");
}

TEST_F(ServerTest, ASocketMayBeForOneIdentity) {
  server_ = std::make_unique<Server>(loop_);
  std::string name;
  server_->Route("GET", "/", [&](const Request& request, Responder responder) {
    name = ToString(request.peer);
    responder.Send({.status = 204});
  });
  const Identity balancer{.role = Role::kBalancer, .name = "lb1"};
  ASSERT_TRUE(server_->Listen(UnixListener{.path = path_, .as = balancer}).has_value());
  const std::string answer = Exchange(Get("/"));
  EXPECT_EQ(name, "joinery:balancer:lb1");
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos) << answer;
}

}  // namespace
}  // namespace joinery::api
