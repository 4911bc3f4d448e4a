#include "control/health/socket_check.h"

#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>

namespace joinery::health {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

asio::ip::tcp::endpoint EndpointOf(const IpAddress& address, Port port) {
  return {asio::ip::make_address(ToString(address)), port.value()};
}

Outcome Failed(const char* what, const beast::error_code& error) {
  return {.ok = false, .detail = fmt::format("{}: {}", what, error.message())};
}

// From the backend's own source address, so that the tunnel device knows whose packets these are.
asio::awaitable<Outcome> Connect(beast::tcp_stream& stream, const Endpoints& endpoints) {
  beast::error_code error;
  const auto source = EndpointOf(endpoints.source, Port(0));
  auto& socket = stream.socket();
  socket.open(source.protocol(), error);
  // The sources are routed here, but no interface has them; IPv6 wants to be told (ipv6(7)).
  constexpr int kOn = 1;
  if (!error && source.address().is_v6() &&
      setsockopt(socket.native_handle(), IPPROTO_IPV6, IPV6_FREEBIND, &kOn, sizeof kOn) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) socket.bind(source, error);
  if (error) {
    co_return Failed(fmt::format("source address {}", ToString(endpoints.source)).c_str(), error);
  }
  const auto [failure] =
      co_await stream.async_connect(EndpointOf(endpoints.vip, endpoints.port), kAwait);
  if (failure) co_return Failed("connect", failure);
  co_return Outcome{.ok = true, .detail = "connected"};
}

Outcome Judge(const Check& check, unsigned status, const std::string& body) {
  if (status < check.status_first || status > check.status_last) {
    return {.ok = false,
            .detail = fmt::format("HTTP status {}; wanted {}..{}", status, check.status_first,
                                  check.status_last)};
  }
  if (body.find(check.body) == std::string::npos) {
    return {.ok = false, .detail = fmt::format("the body does not hold '{}'", check.body)};
  }
  return {.ok = true, .detail = fmt::format("HTTP status {}", status)};
}

std::string HostOf(const Check& check, const Endpoints& endpoints) {
  if (!check.host.empty()) return check.host;
  const std::string vip = ToString(endpoints.vip);
  return endpoints.vip.is_v4() ? vip : "[" + vip + "]";
}

template <typename Stream>
asio::awaitable<Outcome> Ask(Stream& stream, const Check& check, const std::string& host) {
  http::request<http::empty_body> request(http::verb::get, check.path, 11);
  request.set(http::field::host, host);
  request.set(http::field::user_agent, "joinery-health");
  request.set(http::field::connection, "close");
  const auto [unsent, sent] = co_await http::async_write(stream, request, kAwait);
  if (unsent) co_return Failed("request", unsent);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxBody);
  const auto [failure, read] = co_await http::async_read(stream, buffer, parser, kAwait);
  // A longer body is judged by its beginning.
  if (failure && failure != http::error::body_limit) co_return Failed("answer", failure);
  co_return Judge(check, parser.get().result_int(), parser.get().body());
}

asio::awaitable<Outcome> CheckHttps(beast::tcp_stream plain, const Check& check,
                                    const std::string& host) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_verify_mode(asio::ssl::verify_none);
  beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), context);
  if (!check.host.empty()) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  const auto [failure] = co_await stream.async_handshake(asio::ssl::stream_base::client, kAwait);
  if (failure) co_return Failed("TLS", failure);
  co_return co_await Ask(stream, check, host);
}

}  // namespace

asio::awaitable<Outcome> RunSocketCheck(Check check, Endpoints endpoints, Nanoseconds timeout) {
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_after(std::chrono::duration_cast<std::chrono::milliseconds>(timeout));
  Outcome outcome = co_await Connect(stream, endpoints);
  if (!outcome.ok || check.kind == CheckKind::kTcp) co_return outcome;
  const std::string host = HostOf(check, endpoints);
  if (check.kind == CheckKind::kHttp) co_return co_await Ask(stream, check, host);
  co_return co_await CheckHttps(std::move(stream), check, host);
}

}  // namespace joinery::health
