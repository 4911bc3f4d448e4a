#include "tests/bpf/connection.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace joinery::bpf::testing {
namespace {

int Check(int result, const char* what) {
  if (result >= 0) return result;
  fmt::print(stderr, "{}: {}\n", what, std::strerror(errno));
  std::exit(EXIT_FAILURE);
}

sockaddr_in6 Any(uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  return address;
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

void Socket::Close() noexcept {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

Socket Listen(uint16_t port) {
  Socket listener(Check(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  const int off = 0, on = 1;
  Check(setsockopt(listener.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), "IPV6_V6ONLY");
  Check(setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "SO_REUSEADDR");
  const sockaddr_in6 address = Any(port);
  Check(bind(listener.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "bind");
  Check(listen(listener.fd(), 1), "listen");
  return listener;
}

Connection Connect(const Socket& listener, uint16_t port, bool v6) {
  Socket client(Check(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in6 to = Any(port);
  inet_pton(AF_INET6, v6 ? "::1" : "::ffff:127.0.0.1", &to.sin6_addr);
  Check(connect(client.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), "connect");
  Socket server(Check(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
  sockaddr_in6 from{};
  socklen_t size = sizeof(from);
  Check(getsockname(client.fd(), reinterpret_cast<sockaddr*>(&from), &size), "getsockname");
  return {std::move(client), std::move(server), ntohs(from.sin6_port)};
}

}  // namespace joinery::bpf::testing
