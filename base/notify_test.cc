#include "base/notify.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

namespace joinery {
namespace {

TEST(Notify, SendsOneDatagram) {
  char folder[] = "/tmp/joinery-notify-XXXXXX";  // short: a socket's path has 107 bytes
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/n";
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof at.sun_path);
  std::memcpy(at.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  setenv("WATCHDOG_USEC", "3000000", 1);
  const Notify notify = Notify::FromEnvironment();
  EXPECT_EQ(notify.watchdog(), std::chrono::milliseconds(1500));
  notify.Send("READY=1");
  std::array<char, 64> got{};
  EXPECT_EQ(recv(fd, got.data(), got.size(), MSG_DONTWAIT), 7);
  EXPECT_STREQ(got.data(), "READY=1");
  close(fd);
  unlink(path.c_str());
  rmdir(folder);
}

TEST(Notify, IsQuietWithoutSystemd) {
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  const Notify notify = Notify::FromEnvironment();
  EXPECT_FALSE(notify.watchdog());
  notify.Send("READY=1");  // to nobody
}

}  // namespace
}  // namespace joinery
