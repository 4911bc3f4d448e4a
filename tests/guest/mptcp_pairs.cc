// Opens MPTCP connections to itself, one after the other, and says what each accepted one has:
// "token HEX subflows N" or "plain TCP", in the order of the connections; then "rate N
// connections/s". Every connection carries a byte there and back, so keys that the two sides see
// differently show. N: subflows that joined; with WAIT_MS a connection waits so long for one.
//
//   mptcp_pairs COUNT [ADDRESS [WAIT_MS]]     ADDRESS: 127.0.0.1 (default) or ::1

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/mptcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace {

constexpr int kSolMptcp = 284;  // SOL_MPTCP of <linux/socket.h>, which libc does not have
constexpr int kBacklog = 128;
constexpr uint16_t kPort = 7000;
constexpr useconds_t kPollInterval = 1000;
constexpr timeval kSocketTimeout = {.tv_sec = 10, .tv_usec = 0};

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {
    if (fd_ < 0) Die("socket or accept");
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kSocketTimeout, sizeof(kSocketTimeout));
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(fd_); }
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Endpoint MakeEndpoint(const char* address, uint16_t port) {
  Endpoint endpoint;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&endpoint.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&endpoint.storage);
  if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    endpoint.length = sizeof(*v4);
  } else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    endpoint.length = sizeof(*v6);
  } else {
    std::fprintf(stderr, "not an address: %s\n", address);
    std::exit(2);
  }
  return endpoint;
}

Socket Open(const Endpoint& endpoint) {
  return Socket(socket(endpoint.storage.ss_family, SOCK_STREAM, IPPROTO_MPTCP));
}

// None: the connection fell back to plain TCP.
std::optional<mptcp_info> InfoOf(const Socket& socket) {
  mptcp_info info{};
  socklen_t length = sizeof(info);
  if (getsockopt(socket.fd(), kSolMptcp, MPTCP_INFO, &info, &length) != 0) return std::nullopt;
  if ((info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0) return std::nullopt;
  return info;
}

std::optional<mptcp_info> WaitForJoin(const Socket& socket, std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  auto info = InfoOf(socket);
  while (info && info->mptcpi_subflows == 0 && std::chrono::steady_clock::now() < deadline) {
    usleep(kPollInterval);
    info = InfoOf(socket);
  }
  return info;
}

void Pass(const Socket& from, const Socket& to) {
  char byte = 'x';
  if (send(from.fd(), &byte, 1, MSG_NOSIGNAL) != 1) Die("send");
  if (recv(to.fd(), &byte, 1, 0) != 1) Die("recv");
}

void RunOne(const Socket& listener, const Endpoint& endpoint, std::chrono::milliseconds wait) {
  const Socket client = Open(endpoint);
  if (connect(client.fd(), endpoint.get(), endpoint.length) != 0) Die("connect");
  const Socket server(accept(listener.fd(), nullptr, nullptr));
  Pass(client, server);
  Pass(server, client);
  if (const auto info = WaitForJoin(server, wait)) {
    std::printf("token %08x subflows %u\n", info->mptcpi_token, info->mptcpi_subflows);
  } else {
    std::printf("plain TCP\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: mptcp_pairs COUNT [ADDRESS [WAIT_MS]]\n");
    return 2;
  }
  const long count = std::strtol(argv[1], nullptr, 10);
  const Endpoint endpoint = MakeEndpoint(argc > 2 ? argv[2] : "127.0.0.1", kPort);
  const std::chrono::milliseconds wait(argc > 3 ? std::strtol(argv[3], nullptr, 10) : 0);
  const Socket listener = Open(endpoint);
  const int on = 1;
  setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(listener.fd(), endpoint.get(), endpoint.length) != 0) Die("bind");
  if (listen(listener.fd(), kBacklog) != 0) Die("listen");
  setvbuf(stdout, nullptr, _IOLBF, 0);  // a line is there as soon as its connection was
  const auto start = std::chrono::steady_clock::now();
  for (long i = 0; i < count; ++i) RunOne(listener, endpoint, wait);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("rate %.0f connections/s\n", static_cast<double>(count) / took.count());
  return 0;
}
