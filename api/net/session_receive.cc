// The reading half of a session: one request, checked and handed to its handler.
#include <utility>

#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

#include "api/digest.h"
#include "api/net/pending.h"
#include "api/net/session.h"
#include "api/net/target.h"

namespace joinery::api {
namespace {

namespace http = boost::beast::http;

constexpr size_t kHeaderRead = 2'048;
constexpr size_t kBodyRead = 16'384;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string JoinPath(const Target& target) {
  std::string path;
  for (const std::string& segment : target.segments) path.append("/").append(segment);
  return path.empty() ? "/" : path;
}

}  // namespace

// False: the stream has ended.
asio::awaitable<bool> Session::ReadMore(size_t bytes) {
  const Transfer got = co_await stream_->Read(buffer_.prepare(bytes));
  if (got.error || closed_) co_return false;
  buffer_.commit(got.bytes);
  co_return true;
}

// Until the request is whole. An error of the parser, or end_of_stream.
asio::awaitable<error_code> Session::Parse(Parser& parser) {
  bool continued = false;
  while (true) {
    error_code error;
    buffer_.consume(parser.put(buffer_.data(), error));
    if (error && error != http::error::need_more) co_return error;
    if (parser.is_done()) co_return error_code();
    if (parser.is_header_done() && !continued && buffer_.size() == 0) {
      continued = true;
      if (View(parser.get()[http::field::expect]) == "100-continue") {
        co_await stream_->Write({asio::buffer(kContinue), asio::const_buffer()});
      }
    }
    const bool more = co_await ReadMore(parser.is_header_done() ? kBodyRead : kHeaderRead);
    if (!more) co_return http::error::end_of_stream;
  }
}

asio::awaitable<bool> Session::Receive() {
  const ServerLimits& limits = server_->limits;
  if (buffer_.size() == 0) {
    Enter(Phase::kIdle, limits.idle);
    const bool more = co_await ReadMore(kHeaderRead);
    if (!more) co_return false;
  }
  Enter(Phase::kRequest, limits.request);
  route_ = 0;
  auto parser = std::make_unique<Parser>();
  parser->eager(true);
  parser->header_limit(static_cast<uint32_t>(limits.header_bytes));
  parser->body_limit(limits.body_bytes);
  const error_code error = co_await Parse(*parser);
  if (closed_) co_return false;
  if (error) co_return Refuse(error);
  keep_alive_ = parser->get().keep_alive();
  Dispatch(*parser);
  if (buffer_.size() == 0) buffer_.shrink_to_fit();
  co_return true;
}

// False: nobody is left to hear a refusal. True: it is pending.
bool Session::Refuse(error_code error) {
  ServerCounters& counters = server_->counters;
  if (error == http::error::end_of_stream) {
    ++counters.gone;
    return false;
  }
  keep_alive_ = false;
  linger_ = true;
  if (error == http::error::header_limit) {
    ++counters.header_too_large;
    RefuseRequest(ErrorResponse(
        431, fmt::format("header too large; allowed {} bytes", server_->limits.header_bytes)));
  } else if (error == http::error::body_limit) {
    ++counters.body_too_large;
    RefuseRequest(ErrorResponse(
        413, fmt::format("body too large; allowed {} bytes", server_->limits.body_bytes)));
  } else {
    ++counters.malformed;
    RefuseRequest(ErrorResponse(400, fmt::format("not HTTP/1.1: {}", error.message())));
  }
  return true;
}

void Session::RefuseRequest(Response response) {
  pending_ = std::make_shared<Pending>(*this);
  pending_->Send(std::move(response));
}

void Session::Dispatch(Parser& parser) {
  ServerCounters& counters = server_->counters;
  http::request<http::string_body> message = parser.release();
  auto target = ParseTarget(View(message.target()));
  if (!target) {
    ++counters.malformed;
    RefuseRequest(ErrorResponse(400, "the request's target is not a path"));
    return;
  }
  const auto digest = message.find("Content-Digest");
  if (digest != message.end() &&
      ParseContentDigest(View(digest->value())) != DigestOf(message.body())) {
    ++counters.digest_mismatch;
    RefuseRequest(ErrorResponse(400, "the Content-Digest is not of this body"));
    return;
  }
  const std::string_view method = View(message.method_string());
  Router::Match match = server_->router.Find(method, target->segments);
  if (match.handler == nullptr) {
    ++counters.no_route;
    const bool no_path = match.allowed.empty();
    Response refusal =
        ErrorResponse(no_path ? 404 : 405, no_path ? "no such path" : "no such method here");
    if (!no_path) refusal.headers.emplace_back("Allow", match.allowed);
    RefuseRequest(std::move(refusal));
    return;
  }
  ++counters.requests;
  route_ = match.number;
  Request request{.method = std::string(method),
                  .path = JoinPath(*target),
                  .parameters = std::move(match.parameters),
                  .body = std::move(message.body()),
                  .peer = peer_};
  for (auto& pair : target->query) request.parameters.push_back(std::move(pair));
  // The handler may answer at once, so there has to be who takes it.
  pending_ = std::make_shared<Pending>(*this);
  (*match.handler)(request, Responder(pending_));
}

}  // namespace joinery::api
