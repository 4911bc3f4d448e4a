// A client's connection to its server: made when it is needed, kept for the next call, made again
// when it broke. One call at a time.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "api/net/asio.h"
#include "api/net/client.h"
#include "api/net/stream.h"

namespace joinery::api {

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(Loop& loop, Endpoint endpoint);

  // Whoever awaits it holds a shared_ptr to this meanwhile.
  asio::awaitable<Expected<Answer>> Perform(const Call& call);
  // A call under way fails at once; so do all after it.
  void Stop() noexcept;
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

 private:
  asio::awaitable<Expected<Answer>> Exchange(const Call& call);
  asio::awaitable<Expected<void>> Connect();
  asio::awaitable<error_code> ConnectUnix(Socket& socket);
  asio::awaitable<error_code> ConnectTcp(Socket& socket);
  asio::awaitable<Expected<void>> Secure(Socket socket);
  asio::awaitable<Expected<Answer>> ReadAnswer(const Call& call);
  [[nodiscard]] bool Usable();
  void Drop() noexcept;
  [[nodiscard]] tl::unexpected<Error> FailAs(std::string_view doing, const error_code& error);

  asio::io_context& context_;
  Endpoint endpoint_;
  std::unique_ptr<Stream> stream_{};
  boost::beast::flat_buffer buffer_;
  // While they are being made.
  asio::ip::tcp::resolver resolver_;
  Socket* connecting_ = nullptr;
  asio::steady_timer deadline_;
  uint64_t calls_ = 0;
  bool late_ = false;
  bool stopped_ = false;
};

}  // namespace joinery::api
