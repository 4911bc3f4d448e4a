// One connection of a server: handshake, then request, answer, request, ... until either side ends
// it. What a phase may take is bounded by a deadline, which the server's sweep looks at: a session
// has no timer of its own. While a request waits for its answer the session holds no buffer.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/net/asio.h"
#include "api/net/message.h"
#include "api/net/server_impl.h"
#include "api/net/stream.h"

namespace joinery::api {

class Session : public std::enable_shared_from_this<Session> {
 public:
  // In clear, from a known peer.
  Session(std::shared_ptr<Server::Impl> server, Socket socket, Identity peer);
  // In TLS; the handshake tells who it is.
  Session(std::shared_ptr<Server::Impl> server, Socket socket,
          std::shared_ptr<Credentials> credentials);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  void Start();
  void Expire(Instant now);  // ends what has stayed in its phase for too long
  void CheckCertificate(int64_t now_s);
  void Close();

 private:
  enum class Phase : uint8_t { kHandshake, kIdle, kRequest, kWaiting, kWriting, kLingering };
  class Pending;  // the request that is being answered
  class Wake;     // the coroutine that waits for the answer
  template <typename Waiter>
  class WakeOf;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void Enter(Phase phase, Nanoseconds limit);
  asio::awaitable<void> Run();
  asio::awaitable<bool> Greet();
  // The peer's name is known: false when it has too many connections.
  bool Admit(Identity peer);

  // A request, given to its handler; false: the stream has ended, or a refusal ends it.
  asio::awaitable<bool> Receive();
  asio::awaitable<error_code> Parse(Parser& parser);
  asio::awaitable<bool> ReadMore(size_t bytes);
  bool Refuse(error_code error);
  void Dispatch(Parser& parser);
  void RefuseRequest(Response response);  // the connection goes on

  asio::awaitable<void> WaitForAnswer();
  void WatchPeer();
  void PeerSpoke();
  void Resume();
  void Gone();

  asio::awaitable<bool> Write(Response response);
  asio::awaitable<void> Linger();

  std::shared_ptr<Server::Impl> server_;
  Server::Impl::Sessions::iterator place_;
  std::unique_ptr<Stream> stream_;
  std::shared_ptr<Credentials> credentials_{};  // null in clear
  uint64_t authority_generation_ = 0;
  Identity peer_;
  std::string entered_{};  // what Server::Impl::Enter counts us under; empty: not counted
  std::string serial_{};
  int64_t not_after_s_ = 0;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<Pending> pending_{};
  size_t route_ = 0;  // index into Server::Impl::answers
  std::unique_ptr<Wake> wake_{};
  Instant deadline_{};
  Phase phase_ = Phase::kHandshake;
  bool closed_ = false;
  bool keep_alive_ = true;
  bool linger_ = false;  // the peer may still be sending what we refused
};

}  // namespace joinery::api
