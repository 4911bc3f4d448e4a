#include "tests/traffic/session.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <thread>

#include <fmt/format.h>

namespace joinery::traffic {
namespace {

constexpr size_t kChunk = 16'384;
constexpr auto kPollInterval = std::chrono::milliseconds(20);
// The path manager's counters and the list of subflows are read one after the other; a refusal
// counts when it is seen this many times in a row.
constexpr int kRefusalSightings = 5;

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string_view ToString(JoinResult result) noexcept {
  switch (result) {
    case JoinResult::kJoined:
      return "joined";
    case JoinResult::kRefused:
      return "refused";
    case JoinResult::kTimedOut:
      return "timed_out";
    case JoinResult::kNotMptcp:
      return "not_mptcp";
  }
  return "unknown";
}

Expected<Session> Session::Open(const Endpoint& remote, Transport transport, Deadline deadline) {
  auto fd = ConnectTo(remote, transport, deadline);
  if (!fd) return tl::unexpected(fd.error());
  Session session(std::move(*fd));
  const auto greeting = session.ReadLine(deadline);
  if (!greeting) return tl::unexpected(greeting.error());
  constexpr std::string_view kHello = "HELLO ";
  if (!greeting->starts_with(kHello) ||
      !IsName(std::string_view(*greeting).substr(kHello.size()))) {
    return Fail(fmt::format("not a greeting: '{}'", *greeting));
  }
  session.backend_ = greeting->substr(kHello.size());
  return session;
}

Expected<void> Session::Echo(std::string_view text, Deadline deadline) {
  const std::string line = fmt::format("ECHO {}", text);
  if (auto sent = SendLine(line, deadline); !sent) return sent;
  const auto answer = ReadLine(deadline);
  if (!answer) return tl::unexpected(answer.error());
  if (*answer != line) return Fail(fmt::format("echo: sent '{}', got '{}'", line, *answer));
  return {};
}

Expected<void> Session::Fetch(uint64_t bytes, Deadline deadline) {
  if (auto sent = SendLine(fmt::format("SEND {}", bytes), deadline); !sent) return sent;
  const auto answer = ReadLine(deadline);
  if (!answer) return tl::unexpected(answer.error());
  if (*answer != fmt::format("DATA {}", bytes))
    return Fail(fmt::format("fetch: got '{}'", *answer));
  uint64_t got = 0;
  while (got < bytes) {
    if (input_.empty()) {
      if (auto received = Receive(deadline); !received) return received;
    }
    const size_t piece = static_cast<size_t>(std::min<uint64_t>(input_.size(), bytes - got));
    const size_t wrong = FirstWrongByte(got, AsBytes(input_).first(piece));
    if (wrong != piece) return Fail(fmt::format("fetch: byte {} is wrong", got + wrong));
    got += piece;
    input_.erase(0, piece);
  }
  return {};
}

Expected<ServerInfo> Session::Info(Deadline deadline) {
  if (auto sent = SendLine("INFO", deadline); !sent) return tl::unexpected(sent.error());
  const auto answer = ReadLine(deadline);
  if (!answer) return tl::unexpected(answer.error());
  return ParseInfo(*answer);
}

JoinResult Session::WaitForSubflows(uint32_t subflows, Deadline deadline) const {
  int refusals = 0;
  for (;;) {
    const ConnectionState state = QueryConnection(fd_.get());
    if (!state.mptcp) return JoinResult::kNotMptcp;
    if (state.established() >= subflows) return JoinResult::kJoined;
    refusals = state.attempted > 0 && state.pending == 0 ? refusals + 1 : 0;
    if (refusals >= kRefusalSightings) return JoinResult::kRefused;
    if (std::chrono::steady_clock::now() >= deadline) return JoinResult::kTimedOut;
    std::this_thread::sleep_for(kPollInterval);
  }
}

Expected<void> Session::SendLine(std::string_view line, Deadline deadline) {
  const std::string text = fmt::format("{}\n", line);
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t put = ::send(fd_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (put > 0) {
      left.remove_prefix(static_cast<size_t>(put));
    } else if (errno != EAGAIN && errno != EINTR) {
      return Fail(fmt::format("send: {}", std::strerror(errno)));
    } else if (!WaitFor(fd_.get(), POLLOUT, deadline)) {
      return Fail("send: not taken in time");
    }
  }
  return {};
}

Expected<std::string> Session::ReadLine(Deadline deadline) {
  for (;;) {
    const size_t end = input_.find('\n');
    if (end != std::string::npos) {
      std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      return line;
    }
    if (input_.size() >= kMaxLine) return Fail("the server's line is too long");
    if (auto received = Receive(deadline); !received) return tl::unexpected(received.error());
  }
}

Expected<void> Session::Receive(Deadline deadline) {
  std::array<char, kChunk> piece{};
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
    if (got > 0) {
      input_.append(piece.data(), static_cast<size_t>(got));
      return {};
    }
    if (got == 0) return Fail("the server hung up");
    if (errno != EAGAIN && errno != EINTR)
      return Fail(fmt::format("recv: {}", std::strerror(errno)));
    if (!WaitFor(fd_.get(), POLLIN, deadline)) return Fail("recv: no answer in time");
  }
}

}  // namespace joinery::traffic
