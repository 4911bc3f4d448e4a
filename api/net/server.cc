#include "api/net/server.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <exception>
#include <unistd.h>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fmt/format.h>

#include <sys/socket.h>

#include "api/net/server_impl.h"
#include "api/net/session.h"
#include "api/net/unix_listener.h"

namespace joinery::api {
namespace {

using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr Nanoseconds kMinSweep = std::chrono::milliseconds(5);
constexpr Nanoseconds kMaxSweep = std::chrono::seconds(1);
constexpr Nanoseconds kPeerCheck = std::chrono::seconds(1);
constexpr std::chrono::milliseconds kAcceptPause(50);  // without descriptors, for instance

// A deadline is met with an eighth of it.
Nanoseconds SweepPeriod(const ServerLimits& limits) {
  const auto least =
      std::min({limits.handshake, limits.idle, limits.request, limits.answer, limits.write});
  return std::clamp(least / 8, kMinSweep, kMaxSweep);
}

// Certificates end by the wall clock.
int64_t WallSeconds() noexcept { return static_cast<int64_t>(std::time(nullptr)); }

Identity PeerOfSocket(int fd, const std::optional<Identity>& as) {
  Identity peer = as.value_or(Identity{});
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    peer.uid = credentials.uid;
    peer.gid = credentials.gid;
    peer.pid = credentials.pid;
  }
  return peer;
}

Tcp::endpoint EndpointOf(const TlsListener& listener) {
  const auto bytes = listener.address.storage();
  if (listener.address.is_v4()) {
    return {asio::ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]}), listener.port.value()};
  }
  asio::ip::address_v6::bytes_type v6;
  std::ranges::copy(bytes, v6.begin());
  return {asio::ip::address_v6(v6), listener.port.value()};
}

}  // namespace

Server::Impl::Impl(Loop& loop, const ServerLimits& given)
    : context(loop.impl().context), limits(given), loop_(loop), gate_(context) {
  gate_.expires_at(asio::steady_timer::time_point::max());
}

void Server::Impl::Start() {
  sweep_ = loop_.Every(SweepPeriod(limits), [this] { Sweep(); });
}

void Server::Impl::Stop() {
  stopped_ = true;
  sweep_.Cancel();
  gate_.cancel();
  for (const auto& close : close_listeners_) close();
  for (const std::string& path : paths_) unlink(path.c_str());
  const Sessions all = sessions_;
  for (Session* session : all) session->Close();
}

Server::Impl::Sessions::iterator Server::Impl::Add(Session& session) {
  return sessions_.insert(sessions_.end(), &session);
}

bool Server::Impl::Enter(const std::string& peer) {
  size_t& count = peers_[peer];
  if (count >= limits.connections_per_peer) return false;
  ++count;
  return true;
}

void Server::Impl::Leave(const std::string& peer) noexcept {
  const auto found = peers_.find(peer);
  if (found != peers_.end() && --found->second == 0) peers_.erase(found);
}

void Server::Impl::EndHandshake() {
  --handshakes_;
  gate_.cancel();
}

// Closing one session may answer requests of others, but ends none of them at once.
void Server::Impl::Sweep() {
  const Instant now = clock.Now();
  for (Session* session : sessions_) session->Expire(now);
  if (now - peers_checked_ < kPeerCheck) return;
  peers_checked_ = now;
  CheckPeers(WallSeconds());
}

void Server::Impl::CheckPeers(int64_t now_s) {
  for (const auto& credentials : credentials_) {
    if (!credentials->ReloadIfChanged()) ++counters.reload_failed;
  }
  for (Session* session : sessions_) session->CheckCertificate(now_s);
}

template <typename Acceptor, typename Admit>
asio::awaitable<void> Server::Impl::Accept(std::shared_ptr<Acceptor> acceptor, Admit admit) {
  const auto self = shared_from_this();
  asio::steady_timer pause(context);
  while (!stopped_) {
    if (handshakes_ >= limits.handshakes) {
      ++counters.handshake_waits;
      co_await gate_.async_wait(kValues);
      continue;
    }
    auto [error, socket] = co_await acceptor->async_accept(kValues);
    if (stopped_) break;
    if (error) {
      ++counters.accept_failed;
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kValues);
      continue;
    }
    ++counters.accepted;
    if (sessions_.size() >= limits.connections) {
      ++counters.full;
      continue;
    }
    admit(std::move(socket));
  }
}

template <typename Acceptor, typename Admit>
void Server::Impl::Spawn(std::shared_ptr<Acceptor> acceptor, Admit admit) {
  close_listeners_.push_back([acceptor] {
    error_code ignored;
    acceptor->close(ignored);
  });
  asio::co_spawn(context, Accept(acceptor, std::move(admit)),
                 [self = shared_from_this()](const std::exception_ptr& error) {
                   if (error) std::rethrow_exception(error);
                 });
}

void Server::Impl::AdmitUnix(Socket socket, const UnixListener& listener) {
  Identity peer = PeerOfSocket(socket.native_handle(), listener.as);
  const bool allowed = listener.uids.empty() || peer.uid == 0 || peer.uid == geteuid() ||
                       std::ranges::find(listener.uids, peer.uid) != listener.uids.end();
  if (!allowed) {
    ++counters.forbidden_peer;
    return;
  }
  std::make_shared<Session>(shared_from_this(), std::move(socket), std::move(peer))->Start();
}

void Server::Impl::AdmitTls(Socket socket, const std::shared_ptr<Credentials>& credentials) {
  error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  ++handshakes_;  // until the session calls EndHandshake
  std::make_shared<Session>(shared_from_this(), std::move(socket), credentials)->Start();
}

Expected<void> Server::Impl::Listen(const UnixListener& listener) {
  const auto descriptor = ListenOnPath(listener);
  if (!descriptor) return unexpected(descriptor.error());
  const auto acceptor = std::make_shared<Local::acceptor>(context, Local(), *descriptor);
  paths_.push_back(listener.path);
  Spawn(acceptor,
        [this, listener](Local::socket socket) { AdmitUnix(Socket(std::move(socket)), listener); });
  return {};
}

Expected<Port> Server::Impl::Listen(const TlsListener& listener) {
  const Tcp::endpoint endpoint = EndpointOf(listener);
  const auto acceptor = std::make_shared<Tcp::acceptor>(context);
  error_code error;
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error && !listener.address.is_v4()) {
    acceptor->set_option(asio::ip::v6_only(true), error);
  }
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(Tcp::acceptor::max_listen_connections, error);
  const Port port(error ? uint16_t{0} : acceptor->local_endpoint(error).port());
  if (error) {
    return Fail(fmt::format("{} port {}: {}", ToString(listener.address), listener.port.value(),
                            error.message()));
  }
  credentials_.push_back(listener.credentials);
  Spawn(acceptor, [this, credentials = listener.credentials](Tcp::socket socket) {
    AdmitTls(Socket(std::move(socket)), credentials);
  });
  return port;
}

Server::Server(Loop& loop, const ServerLimits& limits)
    : impl_(std::make_shared<Impl>(loop, limits)) {
  impl_->Start();
}

Server::~Server() { impl_->Stop(); }

void Server::Route(std::string_view method, std::string_view pattern, Handler handler) {
  impl_->router.Add(method, pattern, impl_->answers.size(), std::move(handler));
  impl_->answers.push_back({.method = std::string(method), .pattern = std::string(pattern)});
}

Expected<void> Server::Listen(const UnixListener& listener) { return impl_->Listen(listener); }

Expected<Port> Server::Listen(const TlsListener& listener) { return impl_->Listen(listener); }

void Server::CheckPeers() { impl_->CheckPeers(WallSeconds()); }

void Server::CheckPeersAt(int64_t now_s) { impl_->CheckPeers(now_s); }

const ServerCounters& Server::counters() const noexcept { return impl_->counters; }

const std::vector<RouteAnswers>& Server::answers() const noexcept { return impl_->answers; }

size_t Server::connections() const noexcept { return impl_->connections(); }

size_t Server::waiting() const noexcept { return impl_->waiting; }

}  // namespace joinery::api
