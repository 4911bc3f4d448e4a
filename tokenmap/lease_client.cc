#include "tokenmap/lease_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "crypto/wipe.h"

namespace joinery::tokenmap {
namespace {

using Kind = LeaseError::Kind;

constexpr size_t kReadBytes = 16 << 10;

tl::unexpected<LeaseError> Invalid(std::string text) {
  return tl::unexpected(LeaseError{.kind = Kind::kInvalid, .text = std::move(text)});
}

// Waits until the socket is ready; false at the deadline.
bool WaitFor(int fd, short events, std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd wait{.fd = fd, .events = events, .revents = 0};
  const int timeout = static_cast<int>(std::max<int64_t>(0, left.count()));
  int ready = poll(&wait, 1, timeout);
  while (ready < 0 && errno == EINTR) ready = poll(&wait, 1, timeout);
  return ready > 0;
}

}  // namespace

LeaseClient::Result<std::unique_ptr<LeaseClient>> LeaseClient::Open(
    const std::string& path, LeaseKind kind, std::chrono::milliseconds timeout) {
  std::unique_ptr<LeaseClient> client(new LeaseClient(path, kind, timeout));
  if (auto connected = client->Connect(std::chrono::steady_clock::now() + timeout); !connected) {
    return tl::unexpected(connected.error());
  }
  return client;
}

LeaseClient::~LeaseClient() {
  if (fd_ >= 0) {
    for (const Leased& item : ready_) released_.push_back(item.token);
    released_.insert(released_.end(), in_use_.begin(), in_use_.end());
    static_cast<void>(ReturnReleased(std::chrono::steady_clock::now() + timeout_));
  }
  DropReady();
  DropConnection();
}

LeaseClient::Result<Leased> LeaseClient::Next() {
  // What has become stale must not be used, so the agent's word is read first.
  const auto deadline = std::chrono::steady_clock::now() + timeout_;
  static_cast<void>(Poll());
  if (ready_.empty()) {
    if (auto filled = Refill(deadline); !filled) return tl::unexpected(filled.error());
  }
  const Leased next = ready_.front();
  crypto::Wipe(ready_.front());
  ready_.pop_front();
  in_use_.insert(next.token);
  return next;
}

LeaseClient::Result<void> LeaseClient::Release(Token token) {
  if (orphans_.erase(token) != 0) return {};
  if (in_use_.erase(token) == 0) return Invalid("a token that is not in use");
  released_.push_back(token);
  if (fd_ < 0 || released_.size() < kReleasesTogether) return {};
  static_cast<void>(ReturnReleased(std::chrono::steady_clock::now() + timeout_));
  return {};  // when the agent is away it learns of it after the next connect
}

LeaseClient::Result<void> LeaseClient::Poll() {
  if (fd_ < 0) {
    if (auto connected = TryToConnect(); !connected) return connected;
  }
  const auto now = std::chrono::steady_clock::now();
  while (true) {
    const auto taken = TakeMessage();
    if (!taken) return tl::unexpected(taken.error());
    const std::optional<LeaseMessage>& message = *taken;
    if (message && !std::holds_alternative<Stale>(*message)) {
      return NoAgent("the agent spoke out of turn");
    }
    if (message) continue;
    const auto read = Read(now);
    if (!read) return tl::unexpected(read.error());
    if (!*read) break;
  }
  return ReturnReleased(now);
}

LeaseClient::Result<void> LeaseClient::TryToConnect() {
  const auto now = std::chrono::steady_clock::now();
  if (lease_ != 0 && now - lost_ >= kGiveUp) EndLease();
  if (now < next_try_) {
    return tl::unexpected(LeaseError{.kind = Kind::kNoAgent, .text = "not connected"});
  }
  next_try_ = now + kTryAgain;
  return Connect(now + std::min<std::chrono::milliseconds>(kTryFor, timeout_));
}

LeaseClient::Result<void> LeaseClient::Connect(Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.empty() || path_.size() >= sizeof(address.sun_path)) {
    return Invalid(
        fmt::format("{}: a socket's path has 1..{} bytes", path_, sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, path_.data(), path_.size());
  fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) return NoAgent(std::strerror(errno));
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return NoAgent(fmt::format("{}: {}", path_, std::strerror(errno)));
  }
  reader_ = FrameReader();
  const bool resumes = lease_ != 0;
  const auto begun = BeginLease(lease_, deadline);
  if (begun) return {};
  // The lease has ended (TakeMessage saw to that): begin another one.
  if (resumes && lease_ == 0) return Connect(deadline);
  return tl::unexpected(begun.error());
}

// Others may get what this lease held: only connections that exist go on with it.
void LeaseClient::EndLease() {
  lease_ = 0;
  DropReady();
  released_.clear();
  orphans_.merge(in_use_);
  in_use_.clear();
}

LeaseClient::Result<void> LeaseClient::BeginLease(uint64_t lease, Deadline deadline) {
  if (auto sent = Send(Hello{.kind = kind_, .lease = lease}, deadline); !sent) return sent;
  if (lease != 0) {
    if (auto said = SayWhatIsHeld(deadline); !said) return said;
  }
  const auto answer = Receive(deadline);
  if (!answer) return tl::unexpected(answer.error());
  if (const auto* refused = std::get_if<Refused>(&*answer)) {
    DropConnection();
    return tl::unexpected(
        LeaseError{.kind = Kind::kRefused, .reason = refused->reason, .text = refused->text});
  }
  const auto* welcome = std::get_if<Welcome>(&*answer);
  if (welcome == nullptr) return NoAgent("the agent does not welcome");
  lease_ = welcome->lease;
  connected_ = true;
  return {};
}

// What was released meanwhile is not among it, and so given back.
LeaseClient::Result<void> LeaseClient::SayWhatIsHeld(Deadline deadline) {
  std::vector<Token> held(in_use_.begin(), in_use_.end());
  for (const Leased& item : ready_) held.push_back(item.token);
  size_t at = 0;
  do {
    const size_t count = std::min<size_t>(kMaxBlock, held.size() - at);
    const auto first = held.begin() + static_cast<std::ptrdiff_t>(at);
    Holds holds{.last = at + count == held.size(),
                .tokens = {first, first + static_cast<std::ptrdiff_t>(count)}};
    if (auto sent = Send(holds, deadline); !sent) return sent;
    at += count;
  } while (at < held.size());
  released_.clear();
  return {};
}

LeaseClient::Result<void> LeaseClient::Refill(Deadline deadline) {
  if (fd_ < 0) {
    if (auto connected = Connect(deadline); !connected) return connected;
    if (!ready_.empty()) return {};
  }
  if (auto returned = ReturnReleased(deadline); !returned) return returned;
  const uint16_t count = kind_ == LeaseKind::kKeys ? kKeysAhead : kTokensAhead;
  if (auto sent = Send(Want{count}, deadline); !sent) return sent;
  auto answer = Receive(deadline);
  if (!answer) return tl::unexpected(answer.error());
  if (const auto* refused = std::get_if<Refused>(&*answer)) {
    return tl::unexpected(
        LeaseError{.kind = Kind::kRefused, .reason = refused->reason, .text = refused->text});
  }
  auto* block = std::get_if<Block>(&*answer);
  if (block == nullptr || block->kind != kind_ || block->items.empty()) {
    return NoAgent("the agent's answer is no block");
  }
  ready_serial_ = block->serial;
  ready_.assign(block->items.begin(), block->items.end());
  crypto::Wipe(block->items.data(), block->items.size() * sizeof(Leased));
  return {};
}

LeaseClient::Result<void> LeaseClient::ReturnReleased(Deadline deadline) {
  while (!released_.empty()) {
    const size_t count = std::min<size_t>(kMaxBlock, released_.size());
    const auto first = released_.end() - static_cast<std::ptrdiff_t>(count);
    if (auto sent = Send(tokenmap::Release{{first, released_.end()}}, deadline); !sent) return sent;
    released_.erase(first, released_.end());
  }
  return {};
}

LeaseClient::Result<void> LeaseClient::Send(const LeaseMessage& message, Deadline deadline) {
  std::vector<uint8_t> frame = EmitFrame(message);
  size_t sent = 0;
  while (sent < frame.size()) {
    const ssize_t n = send(fd_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
    if (n > 0) {
      sent += static_cast<size_t>(n);
    } else if (errno != EAGAIN && errno != EINTR) {
      return NoAgent(fmt::format("{}: {}", path_, std::strerror(errno)));
    } else if (!WaitFor(fd_, POLLOUT, deadline)) {
      return NoAgent("the agent takes nothing in time");
    }
  }
  return {};
}

LeaseClient::Result<LeaseMessage> LeaseClient::Receive(Deadline deadline) {
  while (true) {
    auto taken = TakeMessage();
    if (!taken) return tl::unexpected(taken.error());
    std::optional<LeaseMessage>& message = *taken;
    if (message && !std::holds_alternative<Stale>(*message)) return *std::move(message);
    if (message) continue;
    const auto read = Read(deadline);
    if (!read) return tl::unexpected(read.error());
    if (!*read) return NoAgent("the agent does not answer in time");
  }
}

LeaseClient::Result<std::optional<LeaseMessage>> LeaseClient::TakeMessage() {
  const auto next = reader_.Next();
  if (!next) return NoAgent(next.error().message);
  const std::optional<std::span<const uint8_t>>& frame = *next;
  if (!frame) return std::optional<LeaseMessage>();
  auto message = ParseFrame(*frame);
  if (!message) return NoAgent(message.error().message);
  if (const auto* stale = std::get_if<Stale>(&*message)) OnStale(*stale);
  if (const auto* refused = std::get_if<Refused>(&*message);
      refused != nullptr && refused->reason == RefusalReason::kUnknownLease && lease_ != 0) {
    EndLease();
  }
  return std::optional(*std::move(message));
}

LeaseClient::Result<bool> LeaseClient::Read(Deadline deadline) {
  std::array<uint8_t, kReadBytes> bytes;
  while (true) {
    const ssize_t n = recv(fd_, bytes.data(), bytes.size(), 0);
    if (n > 0) {
      reader_.Add(std::span(bytes).first(static_cast<size_t>(n)));
      crypto::Wipe(bytes.data(), static_cast<size_t>(n));
      return true;
    }
    if (n == 0) return NoAgent("the agent has closed the connection");
    if (errno != EAGAIN && errno != EINTR) {
      return NoAgent(fmt::format("{}: {}", path_, std::strerror(errno)));
    }
    if (!WaitFor(fd_, POLLIN, deadline)) return false;
  }
}

void LeaseClient::OnStale(const Stale& stale) {
  if (stale.serial == ready_serial_) return;
  for (const Leased& item : ready_) released_.push_back(item.token);
  DropReady();
}

void LeaseClient::DropConnection() noexcept {
  if (fd_ < 0) return;
  close(fd_);
  fd_ = -1;
  // A try that fails does not make the lease younger.
  if (connected_) lost_ = std::chrono::steady_clock::now();
  connected_ = false;
}

void LeaseClient::DropReady() noexcept {
  for (Leased& item : ready_) crypto::Wipe(item);
  ready_.clear();
}

tl::unexpected<LeaseError> LeaseClient::NoAgent(std::string text) {
  DropConnection();
  return tl::unexpected(LeaseError{.kind = Kind::kNoAgent, .text = std::move(text)});
}

}  // namespace joinery::tokenmap
