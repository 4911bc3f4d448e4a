#include "api/net/stream.h"

#include <utility>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

namespace joinery::api {
namespace {

class ClearStream final : public Stream {
 public:
  explicit ClearStream(Socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<Transfer> Read(asio::mutable_buffer buffer) override {
    const auto [error, bytes] = co_await socket_.async_read_some(buffer, kValues);
    co_return Transfer{error, bytes};
  }
  asio::awaitable<error_code> Write(std::array<asio::const_buffer, 2> buffers) override {
    const auto [error, bytes] = co_await asio::async_write(socket_, buffers, kValues);
    co_return error;
  }
  asio::awaitable<error_code> Handshake(Side) override { co_return error_code(); }
  Socket& socket() noexcept override { return socket_; }
  SSL* tls() noexcept override { return nullptr; }

 private:
  Socket socket_;
};

class TlsStream final : public Stream {
 public:
  TlsStream(Socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  asio::awaitable<Transfer> Read(asio::mutable_buffer buffer) override {
    const auto [error, bytes] = co_await stream_.async_read_some(buffer, kValues);
    // Who just hangs up has ended the stream too: lengths show whether a message is whole.
    const bool cut = error == asio::ssl::error::stream_truncated;
    co_return Transfer{cut ? error_code(asio::error::eof) : error, bytes};
  }
  asio::awaitable<error_code> Write(std::array<asio::const_buffer, 2> buffers) override {
    const auto [error, bytes] = co_await asio::async_write(stream_, buffers, kValues);
    co_return error;
  }
  asio::awaitable<error_code> Handshake(Side side) override {
    const auto type =
        side == Side::kServer ? asio::ssl::stream_base::server : asio::ssl::stream_base::client;
    const auto [error] = co_await stream_.async_handshake(type, kValues);
    co_return error;
  }
  Socket& socket() noexcept override { return stream_.next_layer(); }
  SSL* tls() noexcept override { return stream_.native_handle(); }

 private:
  TlsSocket stream_;
};

}  // namespace

std::unique_ptr<Stream> MakeClearStream(Socket socket) {
  return std::make_unique<ClearStream>(std::move(socket));
}

std::unique_ptr<Stream> MakeTlsStream(Socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsStream>(std::move(socket), context);
}

}  // namespace joinery::api
