// Real sockets on lo, for a program that asks the kernel whose a segment is.
#pragma once

#include <cstdint>
#include <string>

namespace joinery::bpf::testing {

class Socket {
 public:
  explicit Socket(int fd) noexcept : fd_(fd) {}
  Socket(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { Close(); }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  void Close() noexcept;

 private:
  int fd_;
};

// A TCP listener of this port, on all addresses of both families. The program ends when there is
// no such socket to be had.
[[nodiscard]] Socket Listen(uint16_t port);

struct Connection {
  Socket client;
  Socket server;
  uint16_t client_port;  // host order
};

// Between two ends on lo: ::1 or 127.0.0.1.
[[nodiscard]] Connection Connect(const Socket& listener, uint16_t port, bool v6);

}  // namespace joinery::bpf::testing
