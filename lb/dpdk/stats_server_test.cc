#include "lb/dpdk/stats_server.h"

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/asio/read.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace joinery::dpdk {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;

class StatsServerTest : public testing::Test {
 protected:
  StatsServerTest() {
    // Not testing::TempDir(): a socket's name is at most 107 bytes.
    std::string directory = "/tmp/joinery-stats-XXXXXX";
    path_ = std::string(mkdtemp(directory.data())) + "/lb.sock";
  }
  ~StatsServerTest() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
    std::filesystem::remove(std::filesystem::path(path_).parent_path());
  }

  void Serve(std::string document) {
    server_ = StatsServer::Listen(io_, path_, [document] { return document; }).value();
    thread_ = std::thread([this] { io_.run(); });
  }

  std::string path_;
  asio::io_context io_;
  std::unique_ptr<StatsServer> server_;
  std::thread thread_;
};

TEST_F(StatsServerTest, GivesTheDocumentToWhoeverConnects) {
  Serve("{\"a\":1}");
  EXPECT_EQ(FetchStats(path_).value(), "{\"a\":1}\n");
  EXPECT_EQ(FetchStats(path_).value(), "{\"a\":1}\n");
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(StatsServerTest, RefusesAPathThatIsServed) {
  Serve("{}");
  asio::io_context other;
  const auto second = StatsServer::Listen(other, path_, [] { return std::string(); });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "balancer.stats_socket: " + path_ + " belongs to a running balancer");
  EXPECT_EQ(FetchStats(path_).value(), "{}\n");  // the first one's socket is still there
}

TEST_F(StatsServerTest, GivesItsSocketToAUser) {
  Serve("{}");
  // To another user only root could; tests/dpdk/netns_user_test.py does.
  const auto given = server_->GiveTo(geteuid(), getegid());
  EXPECT_TRUE(given) << given.error().message;
  std::filesystem::remove(path_);
  const auto gone = server_->GiveTo(geteuid(), getegid());
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, fmt::format("balancer.stats_socket: cannot give {} to user {}: "
                                              "No such file or directory",
                                              path_, geteuid()));
}

TEST_F(StatsServerTest, SaysWhyItCannotListen) {
  const auto server =
      StatsServer::Listen(io_, "/proc/nonesuch/lb.sock", [] { return std::string(); });
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().message,
            "balancer.stats_socket: /proc/nonesuch/lb.sock: No such file or directory");
  EXPECT_FALSE(FetchStats("/proc/nonesuch/lb.sock"));

  const std::string long_path = "/tmp/" + std::string(200, 'x');
  EXPECT_FALSE(StatsServer::Listen(io_, long_path, [] { return std::string(); }));
  EXPECT_FALSE(FetchStats(long_path));
}

TEST_F(StatsServerTest, ClientsThatDoNotReadAreBounded) {
  // Longer than any socket's buffer, so that each of them keeps its place.
  Serve(std::string(size_t{4} << 20, 'x'));
  asio::io_context io;
  std::vector<Socket> idle;
  for (int i = 0; i < StatsServer::kMaxClients; ++i) {
    idle.emplace_back(io).connect(path_);
    char first = 0;
    asio::read(idle.back(), asio::buffer(&first, 1));  // it is being served
  }
  EXPECT_EQ(FetchStats(path_).value_or("reset"), "");
  EXPECT_EQ(server_->refused(), 1U);
}

}  // namespace
}  // namespace joinery::dpdk
