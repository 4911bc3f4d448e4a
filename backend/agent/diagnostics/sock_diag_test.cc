// Against the kernel that runs: sockets on the loopback interface.
#include "backend/agent/diagnostics/sock_diag.h"

#include <algorithm>
#include <cstring>
#include <unistd.h>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace joinery::agent {
namespace {

constexpr int kMptcpProtocol = 262;
constexpr int kSolMptcp = 284;
constexpr int kMptcpInfo = 1;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

sockaddr_in6 Loopback(const char* address, uint16_t port) {
  sockaddr_in6 at{};
  at.sin6_family = AF_INET6;
  at.sin6_port = htons(port);
  inet_pton(AF_INET6, address, &at.sin6_addr);
  return at;
}

Socket Listen(int protocol, const char* address, bool v6_only) {
  Socket socket(::socket(AF_INET6, SOCK_STREAM, protocol));
  EXPECT_GE(socket.fd(), 0) << "this test needs a kernel with MPTCP: " << std::strerror(errno);
  const int only = v6_only ? 1 : 0;
  setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
  const sockaddr_in6 at = Loopback(address, 0);
  EXPECT_EQ(bind(socket.fd(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  EXPECT_EQ(listen(socket.fd(), 8), 0);
  return socket;
}

uint16_t PortOf(const Socket& socket) {
  sockaddr_in6 at{};
  socklen_t size = sizeof(at);
  getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.sin6_port);
}

Socket Connect(int protocol, const char* address, uint16_t port) {
  Socket socket(::socket(AF_INET6, SOCK_STREAM, protocol));
  const sockaddr_in6 at = Loopback(address, port);
  EXPECT_EQ(connect(socket.fd(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  return socket;
}

std::vector<SocketRow> RowsAt(SocketKind kind, uint16_t port) {
  const auto rows = ListSockets(kind);
  EXPECT_TRUE(rows) << rows.error().message;
  std::vector<SocketRow> found;
  if (!rows) return found;
  std::ranges::copy_if(*rows, std::back_inserter(found),
                       [port](const SocketRow& row) { return row.local_port == Port(port); });
  return found;
}

uint32_t TokenOf(const Socket& socket) {
  struct {
    uint8_t counts[6];
    uint32_t flags;
    uint32_t token;
    uint8_t rest[64];
  } info{};
  socklen_t size = sizeof(info);
  EXPECT_EQ(getsockopt(socket.fd(), kSolMptcp, kMptcpInfo, &info, &size), 0);
  return info.token;
}

TEST(ListSockets, FindsMptcpConnectionsWithTheirTokens) {
  const Socket listener = Listen(kMptcpProtocol, "::1", false);
  const uint16_t port = PortOf(listener);
  const Socket client = Connect(kMptcpProtocol, "::1", port);
  const Socket server(accept(listener.fd(), nullptr, nullptr));
  ASSERT_GE(server.fd(), 0);

  const auto rows = RowsAt(SocketKind::kMptcpConnections, port);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].local, *IpAddress::Parse("::1"));
  EXPECT_EQ(rows[0].token, Token(TokenOf(server)));
  EXPECT_FALSE(rows[0].fallen_back);
  EXPECT_NE(rows[0].cookie, 0U);
}

// What a listener on [::] accepts over IPv4.
TEST(ListSockets, CallsMappedAddressesIpv4) {
  const Socket listener = Listen(kMptcpProtocol, "::", false);
  const uint16_t port = PortOf(listener);
  const Socket client = Connect(kMptcpProtocol, "::ffff:127.0.0.1", port);
  const Socket server(accept(listener.fd(), nullptr, nullptr));
  const auto rows = RowsAt(SocketKind::kMptcpConnections, port);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].local, *IpAddress::Parse("127.0.0.1"));
}

TEST(ListSockets, CountsAPlainConnectionAsTcpOnly) {
  const Socket listener = Listen(IPPROTO_TCP, "::1", false);
  const uint16_t port = PortOf(listener);
  const Socket client = Connect(IPPROTO_TCP, "::1", port);
  const Socket server(accept(listener.fd(), nullptr, nullptr));
  EXPECT_EQ(RowsAt(SocketKind::kTcpConnections, port).size(), 1U);
  EXPECT_TRUE(RowsAt(SocketKind::kMptcpConnections, port).empty());
}

// A client that asks a plain server falls back; so does the server of a plain client, whose socket
// is then no MPTCP one any more.
TEST(ListSockets, TellsWhatFellBack) {
  const Socket listener = Listen(IPPROTO_TCP, "::1", false);
  const Socket client = Connect(kMptcpProtocol, "::1", PortOf(listener));
  for (const SocketRow& row : RowsAt(SocketKind::kMptcpConnections, PortOf(client))) {
    EXPECT_TRUE(row.fallen_back);
  }
}

TEST(ListSockets, LeavesOutWhatIsOver) {
  const Socket listener = Listen(IPPROTO_TCP, "::1", false);
  const uint16_t port = PortOf(listener);
  {
    Socket client = Connect(IPPROTO_TCP, "::1", port);
    const Socket server(accept(listener.fd(), nullptr, nullptr));
    shutdown(server.fd(), SHUT_RDWR);  // the server closes first: TIME-WAIT is on its side
    char byte = 0;
    EXPECT_EQ(recv(client.fd(), &byte, 1, 0), 0);
  }
  EXPECT_TRUE(RowsAt(SocketKind::kTcpConnections, port).empty());
}

TEST(ListSockets, TellsListenersApart) {
  const Socket both = Listen(kMptcpProtocol, "::", false);
  const Socket only = Listen(kMptcpProtocol, "::", true);
  const Socket plain = Listen(IPPROTO_TCP, "::1", false);
  const auto both_rows = RowsAt(SocketKind::kMptcpListeners, PortOf(both));
  ASSERT_EQ(both_rows.size(), 1U);
  EXPECT_FALSE(both_rows[0].v6_only);
  EXPECT_TRUE(both_rows[0].local.IsUnspecified());
  const auto only_rows = RowsAt(SocketKind::kMptcpListeners, PortOf(only));
  ASSERT_EQ(only_rows.size(), 1U);
  EXPECT_TRUE(only_rows[0].v6_only);
  EXPECT_TRUE(RowsAt(SocketKind::kMptcpListeners, PortOf(plain)).empty());
  EXPECT_EQ(RowsAt(SocketKind::kTcpListeners, PortOf(plain)).size(), 1U);
}

}  // namespace
}  // namespace joinery::agent
