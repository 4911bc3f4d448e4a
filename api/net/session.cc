#include "api/net/session.h"

#include <cerrno>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include "api/net/pending.h"
#include "api/net/response_text.h"

namespace joinery::api {
namespace {

constexpr size_t kLingerBytes = 8 << 20;

}  // namespace

// The waiting coroutine, whatever its type.
class Session::Wake {
 public:
  virtual ~Wake() = default;
  virtual void Post(asio::io_context& context) = 0;
};

template <typename Waiter>
class Session::WakeOf final : public Wake {
 public:
  explicit WakeOf(Waiter waiter) : waiter_(std::move(waiter)) {}
  // Not at once: whoever answers must not find itself inside of the session.
  void Post(asio::io_context& context) override { asio::post(context, std::move(waiter_)); }

 private:
  Waiter waiter_;
};

Session::Session(std::shared_ptr<Server::Impl> server, Socket socket, Identity peer)
    : server_(std::move(server)),
      place_(server_->Add(*this)),
      stream_(MakeClearStream(std::move(socket))),
      peer_(std::move(peer)) {}

Session::Session(std::shared_ptr<Server::Impl> server, Socket socket,
                 std::shared_ptr<Credentials> credentials)
    : server_(std::move(server)),
      place_(server_->Add(*this)),
      stream_(MakeTlsStream(std::move(socket), credentials->impl().context())),
      credentials_(std::move(credentials)),
      authority_generation_(credentials_->impl().authority_generation()) {}

Session::~Session() {
  // Without a Close when the loop ends under us: then nobody is to be told.
  if (pending_) static_cast<void>(pending_->Detach());
  server_->Remove(place_);
  if (!entered_.empty()) server_->Leave(entered_);
}

void Session::Start() {
  Enter(Phase::kHandshake, server_->limits.handshake);
  asio::co_spawn(server_->context, Run(),
                 [self = shared_from_this()](const std::exception_ptr& error) {
                   if (error) std::rethrow_exception(error);
                 });
}

void Session::Enter(Phase phase, Nanoseconds limit) {
  phase_ = phase;
  deadline_ = server_->clock.Now() + limit;
}

asio::awaitable<void> Session::Run() {
  if (co_await Greet()) {
    while (!closed_ && co_await Receive()) {
      co_await WaitForAnswer();
      if (closed_ || !pending_) break;
      Response response = pending_->Take();
      pending_.reset();
      ++server_->answers[route_].by_status[response.status];
      if (!co_await Write(std::move(response)) || !keep_alive_) break;
    }
  }
  if (linger_ && !closed_) co_await Linger();
  Close();
}

asio::awaitable<bool> Session::Greet() {
  Identity peer = peer_;
  if (credentials_) {
    const error_code error = co_await stream_->Handshake(Stream::Side::kServer);
    server_->EndHandshake();
    if (closed_) co_return false;
    auto certificate = error ? Fail(error.message()) : PeerOf(stream_->tls());
    if (!certificate) {
      ++server_->counters.handshake_failed;
      linger_ = true;  // for the alert
      co_return false;
    }
    serial_ = std::move(certificate->serial);
    not_after_s_ = certificate->not_after_s;
    peer = std::move(certificate->identity);
  }
  if (Admit(std::move(peer))) co_return true;
  ++server_->counters.peer_full;
  keep_alive_ = false;
  linger_ = true;
  co_await Write(ErrorResponse(429, "too many connections of this peer", 1));
  co_return false;
}

bool Session::Admit(Identity peer) {
  peer_ = std::move(peer);
  std::string name = ToString(peer_);
  if (!server_->Enter(name)) return false;
  entered_ = std::move(name);
  return true;
}

void Session::Expire(Instant now) {
  if (closed_ || now < deadline_) return;
  ServerCounters& counters = server_->counters;
  switch (phase_) {
    case Phase::kHandshake:
      ++counters.handshake_late;
      break;
    case Phase::kIdle:
      ++counters.idle_closed;
      break;
    case Phase::kRequest:
      ++counters.request_late;
      break;
    case Phase::kWriting:
      ++counters.slow_reader;
      break;
    case Phase::kLingering:
      break;
    case Phase::kWaiting: {
      if (pending_->answered()) return;  // and about to be written
      ++counters.answer_late;
      const auto late = std::exchange(pending_, std::make_shared<Pending>(*this));
      pending_->Send(ErrorResponse(503, "no answer in time", 1));
      if (const auto gone = late->Detach()) gone();
      return;
    }
  }
  Close();
}

void Session::CheckCertificate(int64_t now_s) {
  if (closed_ || !credentials_ || not_after_s_ == 0) return;
  const auto& trust = credentials_->impl();
  const bool good = now_s <= not_after_s_ && !trust.IsRevoked(serial_) &&
                    trust.authority_generation() == authority_generation_;
  if (good) return;
  ++server_->counters.revoked;
  Close();
}

void Session::Close() {
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  stream_->socket().close(ignored);
  Gone();
}

void Session::Gone() {
  const auto pending = std::exchange(pending_, nullptr);
  const auto gone = pending ? pending->Detach() : nullptr;
  Resume();
  if (gone) gone();
}

void Session::Resume() {
  if (const auto wake = std::exchange(wake_, nullptr)) wake->Post(server_->context);
}

asio::awaitable<void> Session::WaitForAnswer() {
  if (!pending_ || pending_->answered()) co_return;
  Enter(Phase::kWaiting, server_->limits.answer);
  ++server_->waiting;
  WatchPeer();
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [this](auto waiter) {
        wake_ = std::make_unique<WakeOf<decltype(waiter)>>(std::move(waiter));
      },
      asio::use_awaitable);
  --server_->waiting;
  error_code ignored;
  if (!closed_) stream_->socket().cancel(ignored);
}

// Nothing may come while a request waits, so whatever does is the peer going away.
void Session::WatchPeer() {
  stream_->socket().async_wait(Socket::wait_read, [self = shared_from_this()](error_code error) {
    if (!error && !self->closed_ && self->wake_) self->PeerSpoke();
  });
}

void Session::PeerSpoke() {
  char byte = 0;
  const ssize_t got = recv(stream_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    WatchPeer();
    return;
  }
  ++server_->counters.gone;
  Close();
}

asio::awaitable<bool> Session::Write(Response response) {
  const std::string head = ResponseHead(response, keep_alive_);
  const std::string_view body = response.body ? std::string_view(*response.body) : "";
  const auto bytes = head.size() + body.size();
  const auto seconds = bytes / server_->limits.write_bytes_per_s;
  Enter(Phase::kWriting,
        server_->limits.write + std::chrono::seconds(static_cast<int64_t>(seconds)));
  const error_code error = co_await stream_->Write({asio::buffer(head), asio::buffer(body)});
  if (error) {
    if (!closed_) ++server_->counters.gone;
    co_return false;
  }
  ++server_->counters.responses;
  co_return true;
}

// Closing a socket with unread bytes in it resets the connection, and the peer would lose the
// refusal that we wrote. So the rest is read and thrown away, below TLS, for a while.
asio::awaitable<void> Session::Linger() {
  Enter(Phase::kLingering, server_->limits.request);
  Socket& socket = stream_->socket();
  error_code ignored;
  socket.shutdown(Socket::shutdown_send, ignored);
  std::string rest(16'384, '\0');
  for (size_t total = 0; total < kLingerBytes;) {
    const auto [error, bytes] = co_await socket.async_read_some(asio::buffer(rest), kValues);
    if (error) break;
    total += bytes;
  }
}

}  // namespace joinery::api
