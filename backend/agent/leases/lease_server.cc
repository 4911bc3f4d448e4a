#include "backend/agent/leases/lease_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "crypto/wipe.h"

namespace joinery::agent {
namespace {

using tokenmap::RefusalReason;

constexpr int kBacklog = 64;
constexpr mode_t kEveryone = 0666;
constexpr size_t kReadBytes = 16 << 10;
// Enough for some blocks that a peer asked for ahead; then it has to read.
constexpr int kSendBytes = 256 << 10;
constexpr size_t kMaxHolds = 1 << 20;

Expected<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return Fail(
        fmt::format("{}: a socket's path has 1..{} bytes", path, sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool IsServed(const sockaddr_un& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool served =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return served;
}

}  // namespace

struct LeaseServer::Connection {
  int fd = -1;
  uint32_t uid = 0;
  Instant since{};
  std::optional<LeaseId> lease;
  bool resuming = false;  // its kHolds are not complete
  std::vector<Token> holds;
  tokenmap::FrameReader reader;
  api::Loop::Handle reading;

  ~Connection() {
    reading.Cancel();
    close(fd);
  }
};

Expected<std::unique_ptr<LeaseServer>> LeaseServer::Listen(api::Loop& loop,
                                                           LeaseServerOptions options,
                                                           LeaseBook& book, const Clock& clock,
                                                           Keep keep) {
  std::unique_ptr<LeaseServer> server(
      new LeaseServer(loop, std::move(options), book, clock, std::move(keep)));
  if (auto opened = server->Open(); !opened) return Fail(opened.error().message);
  return server;
}

LeaseServer::LeaseServer(api::Loop& loop, LeaseServerOptions options, LeaseBook& book,
                         const Clock& clock, Keep keep)
    : loop_(&loop),
      options_(std::move(options)),
      book_(&book),
      clock_(&clock),
      keep_(std::move(keep)) {}

LeaseServer::~LeaseServer() {
  accepting_.Cancel();
  while (!connections_.empty()) Close(connections_.begin()->first);
  if (listener_ < 0) return;
  close(listener_);
  unlink(options_.path.c_str());
}

Expected<void> LeaseServer::Open() {
  const auto address = AddressOf(options_.path);
  if (!address) return Fail(address.error().message);
  if (IsServed(*address)) return Fail(options_.path + ": another agent serves it");
  unlink(options_.path.c_str());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Fail(fmt::format("{}: {}", options_.path, std::strerror(errno)));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0 ||
      chmod(options_.path.c_str(), kEveryone) != 0 || listen(fd, kBacklog) != 0) {
    const std::string why = fmt::format("{}: {}", options_.path, std::strerror(errno));
    close(fd);
    return Fail(why);
  }
  listener_ = fd;
  accepting_ = loop_->OnReadable(fd, [this] { Accept(); });
  return {};
}

void LeaseServer::Accept() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  auto connection = std::make_unique<Connection>();
  connection->fd = fd;
  connection->since = clock_->Now();
  ucred peer{};
  socklen_t size = sizeof(peer);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBytes, sizeof(kSendBytes));
  const bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  connection->uid = peer.uid;
  if (!known || std::ranges::find(options_.uids, peer.uid) == options_.uids.end()) {
    ++counters_.not_allowed;
    static_cast<void>(
        Send(*connection,
             tokenmap::Refused{.reason = RefusalReason::kNotAllowed,
                               .retry_ms = 0,
                               .text = fmt::format("user {} is not in stacks.users", peer.uid)}));
    return;
  }
  if (connections_.size() == kMaxConnections) {
    ++counters_.too_many;
    static_cast<void>(Send(*connection, tokenmap::Refused{.reason = RefusalReason::kTooMany,
                                                          .retry_ms = 1000,
                                                          .text = "too many connections"}));
    return;
  }
  ++counters_.accepted;
  connection->reading = loop_->OnReadable(fd, [this, fd] { OnReadable(fd); });
  connections_.emplace(fd, std::move(connection));
}

void LeaseServer::OnReadable(int fd) {
  Connection& connection = *connections_.at(fd);
  std::array<uint8_t, kReadBytes> bytes;
  const ssize_t n = recv(fd, bytes.data(), bytes.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return Close(fd);
  connection.reader.Add(std::span(bytes).first(static_cast<size_t>(n)));
  while (true) {
    const auto next = connection.reader.Next();
    if (!next) return static_cast<void>(Malformed(connection, next.error().message));
    const std::optional<std::span<const uint8_t>>& frame = *next;
    if (!frame) return;
    const auto message = tokenmap::ParseFrame(*frame);
    if (!message) return static_cast<void>(Malformed(connection, message.error().message));
    if (!Handle(connection, *message)) return;
  }
}

bool LeaseServer::Malformed(Connection& connection, const std::string& why) {
  ++counters_.malformed;
  return Dismiss(connection, {.reason = RefusalReason::kProtocol, .retry_ms = 0, .text = why});
}

bool LeaseServer::Handle(Connection& connection, const tokenmap::LeaseMessage& message) {
  if (const auto* hello = std::get_if<tokenmap::Hello>(&message); hello && !connection.lease) {
    return OnHello(connection, *hello);
  }
  if (connection.lease && connection.resuming) {
    if (const auto* holds = std::get_if<tokenmap::Holds>(&message)) {
      return OnHolds(connection, *connection.lease, *holds);
    }
  } else if (connection.lease) {
    if (const auto* want = std::get_if<tokenmap::Want>(&message)) {
      return OnWant(connection, *connection.lease, *want);
    }
    if (const auto* release = std::get_if<tokenmap::Release>(&message)) {
      changed_ = true;
      const auto given = book_->Give(*connection.lease, release->tokens);
      return given ? true : Dismiss(connection, given.error());
    }
  }
  return Malformed(connection, "not now: " + ToString(message));
}

bool LeaseServer::OnHello(Connection& connection, const tokenmap::Hello& hello) {
  const auto welcome = book_->Open(connection.uid, hello);
  if (!welcome) return Dismiss(connection, welcome.error());
  connection.lease = welcome->lease;
  connection.resuming = hello.lease != 0;
  return Send(connection, *welcome) && Send(connection, tokenmap::Stale{.serial = book_->serial()});
}

bool LeaseServer::OnHolds(Connection& connection, LeaseId lease, const tokenmap::Holds& holds) {
  if (connection.holds.size() + holds.tokens.size() > kMaxHolds) {
    return Dismiss(
        connection,
        {.reason = RefusalReason::kProtocol, .retry_ms = 0, .text = "it holds too much"});
  }
  connection.holds.insert(connection.holds.end(), holds.tokens.begin(), holds.tokens.end());
  if (!holds.last) return true;
  connection.resuming = false;
  changed_ = true;
  const auto kept = book_->Keep(lease, std::exchange(connection.holds, {}));
  return kept ? true : Dismiss(connection, kept.error());
}

bool LeaseServer::OnWant(Connection& connection, LeaseId lease, const tokenmap::Want& want) {
  auto block = book_->Take(lease, want.count);
  if (!block) return Send(connection, block.error());
  if (auto kept = keep_(book_->Kept()); !kept) {
    std::vector<Token> tokens;
    for (const tokenmap::Leased& item : block->items) tokens.push_back(item.token);
    static_cast<void>(book_->Give(lease, tokens));
    return Send(connection, tokenmap::Refused{.reason = RefusalReason::kNoScheme,
                                              .retry_ms = 1000,
                                              .text = "the agent can not keep what it gives"});
  }
  changed_ = false;
  const bool sent = Send(connection, *block);
  crypto::Wipe(block->items.data(), block->items.size() * sizeof(tokenmap::Leased));
  return sent;
}

bool LeaseServer::Send(Connection& connection, const tokenmap::LeaseMessage& message) {
  std::vector<uint8_t> frame = EmitFrame(message);
  const ssize_t sent = send(connection.fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const bool whole = sent == static_cast<ssize_t>(frame.size());
  crypto::Wipe(frame.data(), frame.size());
  if (whole) return true;
  ++counters_.slow;
  Close(connection.fd);
  return false;
}

bool LeaseServer::Dismiss(Connection& connection, const tokenmap::Refused& refused) {
  if (Send(connection, refused)) Close(connection.fd);
  return false;
}

void LeaseServer::Close(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;  // one that was never let in
  if (const auto lease = found->second->lease) book_->Disconnected(*lease);
  connections_.erase(found);
}

void LeaseServer::GenerationChanged() {
  std::vector<int> all;
  for (const auto& [fd, connection] : connections_) {
    if (connection->lease) all.push_back(fd);
  }
  for (const int fd : all) {
    static_cast<void>(Send(*connections_.at(fd), tokenmap::Stale{.serial = book_->serial()}));
  }
}

void LeaseServer::Tick() {
  const Instant now = clock_->Now();
  std::vector<int> silent;
  for (const auto& [fd, connection] : connections_) {
    const bool waits = !connection->lease || connection->resuming;
    if (waits && now - connection->since >= kHelloTime) silent.push_back(fd);
  }
  for (const int fd : silent) {
    ++counters_.silent;
    Close(fd);
  }
  changed_ = book_->Expire() || changed_;
  if (changed_ && keep_(book_->Kept())) changed_ = false;
}

}  // namespace joinery::agent
