// Opens MPTCP connections to itself and holds them until it is told to end (SIGTERM). For each it
// says what the server's side has: "token HEX", or "plain TCP"; then "held".
//
//   mptcp_hold COUNT ADDRESS PORT     listens on [::]:PORT, connects to ADDRESS (IPv4)

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <linux/mptcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace {

constexpr int kSolMptcp = 284;  // SOL_MPTCP of <linux/socket.h>, which libc does not have
constexpr int kBacklog = 128;

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// Several of these programs share the port, each with its own connections.
int Listen(uint16_t port) {
  const int fd = socket(AF_INET6, SOCK_STREAM, IPPROTO_MPTCP);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in6 at{};
  at.sin6_family = AF_INET6;
  at.sin6_port = htons(port);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0 ||
      listen(fd, kBacklog) != 0) {
    Die("listen");
  }
  return fd;
}

void Hold(int listener, const sockaddr_in& to) {
  const int client = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
  if (connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) Die("connect");
  const int server = accept(listener, nullptr, nullptr);
  if (server < 0) Die("accept");
  char byte = 'x';
  if (send(client, &byte, 1, 0) != 1 || recv(server, &byte, 1, 0) != 1) Die("send");
  mptcp_info info{};
  socklen_t length = sizeof(info);
  if (getsockopt(server, kSolMptcp, MPTCP_INFO, &info, &length) != 0 ||
      (info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0) {
    std::printf("plain TCP\n");
  } else {
    std::printf("token %08x\n", info.mptcpi_token);
  }
}

}  // namespace

int main(int argc, char** argv) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  if (argc != 4 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1) {
    std::fprintf(stderr, "usage: mptcp_hold COUNT ADDRESS PORT\n");
    return 2;
  }
  const auto port = static_cast<uint16_t>(std::strtol(argv[3], nullptr, 10));
  to.sin_port = htons(port);
  const int listener = Listen(port);
  for (long i = std::strtol(argv[1], nullptr, 10); i > 0; --i) Hold(listener, to);
  close(listener);  // so that the next one gets its own connections
  std::printf("held\n");
  std::fflush(stdout);
  while (true) pause();
}
