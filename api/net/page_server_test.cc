#include "api/net/page_server.h"

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace joinery::api {
namespace {

// A plain socket of the kernel's, so that the test shares no code with what it tests.
class Connection {
 public:
  explicit Connection(Port port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port.value());
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(descriptor_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  }
  ~Connection() { close(descriptor_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Write(const std::string& text) const {
    EXPECT_EQ(send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // All until the other side closes.
  [[nodiscard]] std::string Read() const {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t n = 0; (n = recv(descriptor_, part.data(), part.size(), 0)) > 0;) {
      all.append(part.data(), static_cast<size_t>(n));
    }
    return all;
  }
  [[nodiscard]] bool connected() const noexcept { return connected_; }

 private:
  int descriptor_;
  bool connected_ = false;
};

class PageServerTest : public testing::Test {
 protected:
  PageServerTest() {
    server_ = PageServer::ListenAnywhere(loop_, [](std::string_view path) {
                if (path == "/metrics") return Page{.body = "a 1\n"};
                return Page{.status = 404, .body = "no such page\n"};
              }).value();
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~PageServerTest() override {
    loop_.Stop();
    thread_.join();
    server_.reset();
  }
  [[nodiscard]] std::string Ask(const std::string& request) const {
    const Connection connection(server_->port());
    EXPECT_TRUE(connection.connected());
    connection.Write(request);
    return connection.Read();
  }

  Loop loop_;
  std::unique_ptr<PageServer> server_;
  std::thread thread_;
};

TEST_F(PageServerTest, GivesAPage) {
  const std::string page =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n"
      "Cache-Control: no-store\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(Ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"), page + "a 1\n");
  EXPECT_EQ(Ask("GET /metrics?x=1 HTTP/1.0\r\n\r\n"), page + "a 1\n");
  EXPECT_EQ(Ask("HEAD /metrics HTTP/1.1\r\n\r\n"), page);
}

struct Row {
  const char* name;
  std::string request;
  const char* status;
};

TEST_F(PageServerTest, AnswersWhatItDoesNotHave) {
  for (const Row& row : {
           Row{"another page", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
           Row{"another method", "POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
           Row{"no HTTP", "hello\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
           Row{"one word and a version", "GET HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
           Row{"too long", "GET /" + std::string(PageServer::kMaxHeadBytes - 5, 'x'),
               "HTTP/1.1 400 "},
       }) {
    EXPECT_TRUE(Ask(row.request).starts_with(row.status)) << row.name << ": " << Ask(row.request);
  }
}

TEST_F(PageServerTest, ServesOnlySoManyAtATime) {
  std::vector<std::unique_ptr<Connection>> idle;
  for (int i = 0; i < PageServer::kMaxClients; ++i) {
    idle.push_back(std::make_unique<Connection>(server_->port()));
    idle.back()->Write("GET");
  }
  // One more is closed without an answer, which shows as the end of the stream or a reset.
  EXPECT_EQ(Connection(server_->port()).Read(), "");
  idle.front()->Write(" /metrics HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(idle.front()->Read().starts_with("HTTP/1.1 200 OK"));
}

TEST_F(PageServerTest, SaysWhyItCannotListen) {
  const auto second = PageServer::Listen(loop_, {*IpAddress::Parse("127.0.0.1"), server_->port()},
                                         [](std::string_view) { return Page{}; });
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("Address already in use"), std::string::npos)
      << second.error().message;
}

}  // namespace
}  // namespace joinery::api
