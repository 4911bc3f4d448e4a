// A connection's bytes, in clear or in TLS, behind one interface, so that sessions and clients are
// compiled once. One reading and one writing operation at a time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include <boost/asio/buffer.hpp>

#include "api/net/asio.h"
#include "api/net/tls.h"

namespace joinery::api {

struct Transfer {
  error_code error;
  size_t bytes = 0;
};

class Stream {
 public:
  enum class Side : uint8_t { kClient, kServer };

  virtual ~Stream() = default;
  // At least one byte, or an error; the end of the stream is asio::error::eof.
  virtual asio::awaitable<Transfer> Read(asio::mutable_buffer buffer) = 0;
  // All bytes, or an error.
  virtual asio::awaitable<error_code> Write(std::array<asio::const_buffer, 2> buffers) = 0;
  virtual asio::awaitable<error_code> Handshake(Side side) = 0;  // nothing to do in clear
  [[nodiscard]] virtual Socket& socket() noexcept = 0;
  [[nodiscard]] virtual SSL* tls() noexcept = 0;  // null in clear
};

[[nodiscard]] std::unique_ptr<Stream> MakeClearStream(Socket socket);
[[nodiscard]] std::unique_ptr<Stream> MakeTlsStream(Socket socket, asio::ssl::context& context);

}  // namespace joinery::api
