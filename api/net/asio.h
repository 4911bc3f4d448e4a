// Boost.Asio for the files of this room, and the loop's inside. Costs its includers seconds to
// compile; nothing outside of api/ should need it.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "api/net/loop.h"

namespace joinery::api {

namespace asio = boost::asio;
using boost::system::error_code;

// Errors as values: `const auto [error, size] = co_await socket.async_read_some(buffer, kValues);`
inline constexpr auto kValues = asio::as_tuple(asio::use_awaitable);

// TCP and Unix sockets as one type.
using Socket = asio::generic::stream_protocol::socket;

class Loop::Impl {
 public:
  asio::io_context context{1};  // one thread runs it
};

}  // namespace joinery::api
