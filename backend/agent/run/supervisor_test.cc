// Against a socket in the place of the service manager's.
#include "backend/agent/run/supervisor.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

namespace joinery::agent {
namespace {

class SupervisorTest : public testing::Test {
 protected:
  void SetUp() override {
    // Not testing::TempDir(): a socket's name is at most 107 bytes.
    std::string directory = "/tmp/joinery-notify-XXXXXX";
    directory_ = mkdtemp(directory.data());
    const std::string path = directory_ + "/notify.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    fd_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    ASSERT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  void TearDown() override {
    unsetenv("NOTIFY_SOCKET");
    close(fd_);
    std::filesystem::remove_all(directory_);
  }
  std::string Received() const {
    std::array<char, 512> bytes;
    const ssize_t n = recv(fd_, bytes.data(), bytes.size(), 0);
    return n < 0 ? "" : std::string(bytes.data(), static_cast<size_t>(n));
  }

  std::string directory_;
  int fd_ = -1;
};

TEST_F(SupervisorTest, SaysHowItIs) {
  Supervisor supervisor;
  supervisor.Ready("starts");
  EXPECT_EQ(Received(), "READY=1\nSTATUS=starts");
  supervisor.Status("starts");
  EXPECT_EQ(Received(), "") << "nothing new";
  supervisor.Status("runs");
  EXPECT_EQ(Received(), "STATUS=runs");
  supervisor.Alive();
  EXPECT_EQ(Received(), "WATCHDOG=1");
  supervisor.Stopping();
  EXPECT_EQ(Received(), "STOPPING=1");
}

TEST_F(SupervisorTest, IsAliveTwiceInTheWatchdogsTime) {
  EXPECT_FALSE(Supervisor().AlivePeriod());
  setenv("WATCHDOG_USEC", "3000000", 1);
  EXPECT_EQ(Supervisor().AlivePeriod(), std::chrono::milliseconds(1500));
  unsetenv("WATCHDOG_USEC");
}

}  // namespace
}  // namespace joinery::agent
