#include "api/net/client_connection.h"

#include <cerrno>
#include <charconv>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <sys/socket.h>

#include "api/digest.h"
#include "api/position_text.h"

namespace joinery::api {
namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr uint32_t kMaxHeaderBytes = 16'384;
constexpr size_t kRead = 16'384;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string RequestHead(const Call& call, const Endpoint& endpoint) {
  // RFC 9112 section 3.2: Host is required, whatever it says.
  const std::string host = endpoint.host.empty() ? "localhost" : ToString(endpoint);
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", call.method, call.target, host);
  if (!call.body.empty()) {
    head += fmt::format("Content-Type: application/json\r\nContent-Digest: {}\r\n",
                        ToContentDigest(DigestOf(call.body)));
  }
  if (!call.body.empty() || call.method != "GET") {
    head += fmt::format("Content-Length: {}\r\n", call.body.size());
  }
  return head + "\r\n";
}

// A line break in a method or a target would be another header.
bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return !text.empty();
}

Expected<Answer> AnswerOf(Parser& parser) {
  auto message = parser.release();
  Answer answer;
  answer.status = message.result_int();
  answer.digest = DigestOf(message.body());
  if (const auto found = message.find("Content-Digest"); found != message.end()) {
    if (ParseContentDigest(View(found->value())) != answer.digest) {
      return Fail("the answer's Content-Digest is not of its body");
    }
  }
  if (const auto found = message.find("Joinery-Position"); found != message.end()) {
    answer.position = ParsePosition(View(found->value()));
    if (!answer.position) return Fail("the answer's Joinery-Position is not EPOCH.VERSION");
  }
  if (const auto found = message.find(http::field::retry_after); found != message.end()) {
    const std::string_view text = View(found->value());
    uint32_t seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ec == std::errc{}) answer.retry_after_s = seconds;
  }
  answer.body = std::move(message.body());
  return answer;
}

}  // namespace

ClientConnection::ClientConnection(Loop& loop, Endpoint endpoint)
    : context_(loop.impl().context),
      endpoint_(std::move(endpoint)),
      resolver_(context_),
      deadline_(context_) {}

void ClientConnection::Stop() noexcept {
  stopped_ = true;
  deadline_.cancel();
  Drop();
}

// Ends what is under way; the stream itself stays for its operations to end in.
void ClientConnection::Drop() noexcept {
  error_code ignored;
  resolver_.cancel();
  if (connecting_ != nullptr) connecting_->close(ignored);
  if (stream_) stream_->socket().close(ignored);
}

tl::unexpected<Error> ClientConnection::FailAs(std::string_view doing, const error_code& error) {
  const std::string why = stopped_ ? "stopped" : late_ ? "took too long" : error.message();
  return Fail(fmt::format("{}: {}: {}", ToString(endpoint_), doing, why));
}

asio::awaitable<Expected<Answer>> ClientConnection::Perform(const Call& call) {
  if (!IsPrintable(call.method) || !IsPrintable(call.target)) {
    co_return Fail("a method or target with spaces or line breaks");
  }
  late_ = false;
  deadline_.expires_after(call.timeout);
  deadline_.async_wait([weak = weak_from_this(), number = ++calls_](error_code error) {
    const auto self = weak.lock();
    // One that came too late to be cancelled is not of the next call.
    if (error || !self || self->calls_ != number) return;
    self->late_ = true;
    self->Drop();
  });
  Expected<Answer> answer = co_await Exchange(call);
  deadline_.cancel();
  ++calls_;
  if (!answer) {
    stream_.reset();
    buffer_.clear();
  }
  co_return answer;
}

asio::awaitable<Expected<Answer>> ClientConnection::Exchange(const Call& call) {
  if (!Usable()) {
    const Expected<void> connected = co_await Connect();
    if (!connected) co_return unexpected(connected.error());
  }
  const std::string head = RequestHead(call, endpoint_);
  const error_code error = co_await stream_->Write({asio::buffer(head), asio::buffer(call.body)});
  // A server that refuses may close before it has read all, so its answer comes first.
  if (error && (stopped_ || late_)) co_return FailAs("writing", error);
  co_return co_await ReadAnswer(call);
}

// Still open, and nothing to read: a server that closes an idle connection has said so by now.
bool ClientConnection::Usable() {
  if (!stream_ || stopped_ || !stream_->socket().is_open() || buffer_.size() != 0) return false;
  char byte = 0;
  const ssize_t got = recv(stream_->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && errno == EAGAIN;
}

asio::awaitable<Expected<void>> ClientConnection::Connect() {
  stream_.reset();
  buffer_.clear();
  if (stopped_) co_return FailAs("connecting", error_code());
  Socket socket(context_);
  connecting_ = &socket;
  error_code error;
  if (endpoint_.unix_path.empty()) {
    error = co_await ConnectTcp(socket);
  } else {
    error = co_await ConnectUnix(socket);
  }
  connecting_ = nullptr;
  if (error || late_ || stopped_) co_return FailAs("connecting", error);
  if (endpoint_.unix_path.empty()) co_return co_await Secure(std::move(socket));
  stream_ = MakeClearStream(std::move(socket));
  co_return Expected<void>();
}

asio::awaitable<error_code> ClientConnection::ConnectUnix(Socket& socket) {
  const auto [error] = co_await socket.async_connect(
      asio::local::stream_protocol::endpoint(endpoint_.unix_path), kValues);
  co_return error;
}

asio::awaitable<error_code> ClientConnection::ConnectTcp(Socket& socket) {
  std::vector<asio::ip::tcp::endpoint> places;
  error_code error;
  const auto address = asio::ip::make_address(endpoint_.host, error);
  if (!error) {
    places.emplace_back(address, endpoint_.port.value());
  } else {
    // Blocks a thread of Asio's own, as getaddrinfo(3) does.
    const auto [failed, found] = co_await resolver_.async_resolve(
        endpoint_.host, std::to_string(endpoint_.port.value()), kValues);
    if (failed) co_return failed;
    for (const auto& entry : found) places.push_back(entry.endpoint());
  }
  for (const auto& place : places) {
    error_code ignored;
    socket.close(ignored);
    if (late_ || stopped_) co_return asio::error::operation_aborted;
    const auto [failed] = co_await socket.async_connect(place, kValues);
    error = failed;
    if (!error) break;
  }
  error_code ignored;
  if (!error) socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return error;
}

asio::awaitable<Expected<void>> ClientConnection::Secure(Socket socket) {
  // What was read last: a renewed certificate, a new revocation.
  static_cast<void>(endpoint_.credentials->ReloadIfChanged());
  stream_ = MakeTlsStream(std::move(socket), endpoint_.credentials->impl().context());
  const error_code error = co_await stream_->Handshake(Stream::Side::kClient);
  if (error) co_return FailAs("TLS", error);
  const auto peer = PeerOf(stream_->tls());
  if (!peer) co_return Fail(fmt::format("{}: {}", ToString(endpoint_), peer.error().message));
  if (peer->identity.role != endpoint_.role) {
    co_return Fail(fmt::format("{}: its certificate names {}, which is another role",
                               ToString(endpoint_), ToString(peer->identity)));
  }
  co_return Expected<void>();
}

asio::awaitable<Expected<Answer>> ClientConnection::ReadAnswer(const Call& call) {
  const auto parser = std::make_unique<Parser>();
  parser->eager(true);
  parser->header_limit(kMaxHeaderBytes);
  parser->body_limit(call.max_body);
  while (true) {
    error_code error;
    buffer_.consume(parser->put(buffer_.data(), error));
    if (error && error != http::error::need_more) co_return FailAs("the answer", error);
    if (parser->is_done()) break;
    const Transfer got = co_await stream_->Read(buffer_.prepare(kRead));
    if (got.error || late_ || stopped_) co_return FailAs("waiting for the answer", got.error);
    buffer_.commit(got.bytes);
  }
  if (buffer_.size() == 0) buffer_.shrink_to_fit();
  const bool keep = parser->keep_alive();
  Expected<Answer> answer = AnswerOf(*parser);
  if (!answer) co_return Fail(fmt::format("{}: {}", ToString(endpoint_), answer.error().message));
  if (!keep) stream_.reset();
  co_return answer;
}

}  // namespace joinery::api
