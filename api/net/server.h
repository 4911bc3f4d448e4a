// An HTTP/1.1 server on Unix sockets and mutual TLS 1.3, in one Loop. It bounds what a peer can
// take (api/net/server_limits.h); who a peer is comes from its certificate or its user
// (api/net/identity.h). What a peer may ask is its handlers' business.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/net/credentials.h"
#include "api/net/identity.h"
#include "api/net/loop.h"
#include "api/net/message.h"
#include "api/net/server_limits.h"
#include "base/expected.h"
#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::api {

struct UnixListener {
  std::string path;              // at most 107 bytes; a socket that nobody listens on is replaced
  unsigned mode = 0600;          // of the socket: who may connect
  std::string group{};           // of the socket; empty: the process's
  std::vector<uint32_t> uids{};  // who else but root and our own user; empty: whom `mode` lets in
  // Whoever may connect here is this balancer, agent or operator; none: Role::kLocal.
  std::optional<Identity> as{};
};

struct TlsListener {
  IpAddress address;
  Port port{};  // 0: any
  std::shared_ptr<Credentials> credentials;
};

class Server {
 public:
  // The server must go before the loop.
  explicit Server(Loop& loop, const ServerLimits& limits = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // closes all connections, removes its Unix sockets

  // `pattern` is a path whose segments in braces match one segment each and become parameters:
  // "/v1/pools/{pool}/backends/{backend}". A route without braces wins over one with.
  void Route(std::string_view method, std::string_view pattern, Handler handler);

  [[nodiscard]] Expected<void> Listen(const UnixListener& listener);
  // The port it got.
  [[nodiscard]] Expected<Port> Listen(const TlsListener& listener);

  // Closes what a change of certificates or revocations has put an end to, or time (seconds since
  // 1970); done each second too.
  void CheckPeers();
  void CheckPeersAt(int64_t now_s);

  [[nodiscard]] const ServerCounters& counters() const noexcept;
  // First those without a route, then the routes in their order.
  [[nodiscard]] const std::vector<RouteAnswers>& answers() const noexcept;
  [[nodiscard]] size_t connections() const noexcept;
  [[nodiscard]] size_t waiting() const noexcept;  // requests that wait for their answer

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace joinery::api
