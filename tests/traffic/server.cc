#include "tests/traffic/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <fmt/format.h>

#include <sys/epoll.h>

namespace joinery::traffic {
namespace {

constexpr int kMaxEvents = 64;
constexpr size_t kChunk = 16'384;

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Expected<Server> Server::Create(const Options& options) {
  if (!IsName(options.name)) {
    return Fail(fmt::format("name '{}': allowed are 1 to {} letters, digits and '-'", options.name,
                            kMaxName));
  }
  if (options.ports.empty()) return Fail("a server needs a port");
  Server server;
  server.name_ = options.name;
  server.epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  if (!server.epoll_.valid()) return Fail(fmt::format("epoll_create1: {}", std::strerror(errno)));
  for (const uint16_t port : options.ports) {
    auto listener = ListenOn(port, options.transport);
    if (!listener) return tl::unexpected(listener.error());
    const auto local = LocalEndpoint(listener->get());
    if (!local) return tl::unexpected(local.error());
    epoll_event event{.events = EPOLLIN, .data = {.fd = listener->get()}};
    if (::epoll_ctl(server.epoll_.get(), EPOLL_CTL_ADD, listener->get(), &event) != 0) {
      return Fail(fmt::format("epoll_ctl: {}", std::strerror(errno)));
    }
    server.ports_.push_back(local->port);
    server.listeners_.push_back(std::move(*listener));
  }
  return server;
}

void Server::Poll(int wait_ms) {
  std::array<epoll_event, kMaxEvents> events{};
  const int ready = ::epoll_wait(epoll_.get(), events.data(), kMaxEvents, wait_ms);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    const auto connection = connections_.find(event.data.fd);
    if (connection == connections_.end()) {
      Accept(event.data.fd);
    } else if (!Serve(connection->second, event.events)) {
      connections_.erase(connection);
    }
  }
}

void Server::Accept(int listener) {
  // One for each wake-up: epoll is level-triggered and comes back for the rest.
  Descriptor fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd.valid()) return;
  if (connections_.size() >= kMaxServerConnections) {
    ++counters_.refused_full;
    return;
  }
  ++counters_.accepted;
  const int key = fd.get();
  epoll_event event{.events = EPOLLIN, .data = {.fd = key}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, key, &event) != 0) return;
  Connection& connection = connections_[key];
  connection.fd = std::move(fd);
  connection.output = fmt::format("HELLO {}\n", name_);
  if (!Write(connection)) connections_.erase(key);
}

bool Server::Serve(Connection& connection, uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return false;
  if ((events & EPOLLIN) != 0 && !Read(connection)) return false;
  // Lines that came during a SEND are answered when it is done.
  for (;;) {
    AnswerLines(connection);
    if (!Write(connection)) return false;
    const bool idle =
        connection.output.empty() && connection.pattern_sent == connection.pattern_total;
    if (!idle || connection.input.find('\n') == std::string::npos) return true;
  }
}

bool Server::Read(Connection& connection) {
  std::array<char, kMaxLine> piece{};
  const ssize_t got = ::recv(connection.fd.get(), piece.data(), piece.size(), 0);
  if (got < 0) return WouldBlock();
  if (got == 0) return false;
  connection.input.append(piece.data(), static_cast<size_t>(got));
  return true;
}

// A line waits while a SEND is under way, so that its answer does not stand among the bytes.
void Server::AnswerLines(Connection& connection) {
  while (!connection.hang_up && connection.pattern_sent == connection.pattern_total) {
    const size_t end = connection.input.find('\n');
    if (end == std::string::npos) break;
    Answer(connection, std::string_view(connection.input).substr(0, end));
    connection.input.erase(0, end + 1);
  }
  const bool waits = connection.pattern_sent != connection.pattern_total;
  if (!waits && !connection.hang_up && connection.input.size() >= kMaxLine) {
    ++counters_.protocol_errors;
    connection.output += "ERROR line too long\n";
    connection.hang_up = true;
  }
}

void Server::Answer(Connection& connection, std::string_view line) {
  const auto request = ParseRequest(line);
  if (!request) {
    ++counters_.protocol_errors;
    connection.output += fmt::format("ERROR {}\n", request.error().message);
    connection.hang_up = true;
    return;
  }
  switch (request->verb) {
    case Verb::kEcho:
      connection.output += fmt::format("ECHO {}\n", request->text);
      return;
    case Verb::kSend:
      connection.output += fmt::format("DATA {}\n", request->bytes);
      connection.pattern_sent = 0;
      connection.pattern_total = request->bytes;
      return;
    case Verb::kInfo: {
      const ConnectionState state = QueryConnection(connection.fd.get());
      connection.output += EmitInfo({.backend = name_,
                                     .mptcp = state.mptcp,
                                     .token = state.token,
                                     .subflows = state.established()});
      return;
    }
  }
}

bool Server::Write(Connection& connection) {
  while (!connection.output.empty()) {
    const ssize_t put = ::send(connection.fd.get(), connection.output.data(),
                               connection.output.size(), MSG_NOSIGNAL);
    if (put < 0 && !WouldBlock()) return false;
    if (put < 0) break;
    connection.output.erase(0, static_cast<size_t>(put));
  }
  std::array<uint8_t, kChunk> chunk{};
  while (connection.output.empty() && connection.pattern_sent < connection.pattern_total) {
    const uint64_t left = connection.pattern_total - connection.pattern_sent;
    const std::span<uint8_t> piece =
        std::span(chunk).first(static_cast<size_t>(std::min<uint64_t>(left, chunk.size())));
    FillPattern(connection.pattern_sent, piece);
    const ssize_t put = ::send(connection.fd.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (put < 0 && !WouldBlock()) return false;
    if (put < 0) break;
    connection.pattern_sent += static_cast<uint64_t>(put);
    counters_.bytes_sent += static_cast<uint64_t>(put);
  }
  const bool idle =
      connection.output.empty() && connection.pattern_sent == connection.pattern_total;
  if (idle && connection.hang_up) return false;
  Watch(connection);
  return true;
}

void Server::Watch(const Connection& connection) {
  const bool sending =
      !connection.output.empty() || connection.pattern_sent < connection.pattern_total;
  // While it sends it does not read: a client that only asks can not make the queues grow.
  epoll_event event{.events = static_cast<uint32_t>(sending ? EPOLLOUT : EPOLLIN),
                    .data = {.fd = connection.fd.get()}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd.get(), &event);
}

}  // namespace joinery::traffic
