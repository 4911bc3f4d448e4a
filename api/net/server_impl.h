// The server's inside: its listeners, and what its sessions share.
#pragma once

#include <ctime>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "api/net/asio.h"
#include "api/net/router.h"
#include "api/net/server.h"
#include "base/clock.h"

namespace joinery::api {

class Session;

class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  using Sessions = std::list<Session*>;

  Impl(Loop& loop, const ServerLimits& given);

  void Start();
  void Stop();
  [[nodiscard]] Expected<void> Listen(const UnixListener& listener);
  [[nodiscard]] Expected<Port> Listen(const TlsListener& listener);
  void CheckPeers(int64_t now_s);
  [[nodiscard]] size_t connections() const noexcept { return sessions_.size(); }

  // For sessions, which take themselves off the list.
  [[nodiscard]] Sessions::iterator Add(Session& session);
  void Remove(Sessions::iterator place) noexcept { sessions_.erase(place); }
  // One connection more of this peer; false: it has as many as allowed.
  [[nodiscard]] bool Enter(const std::string& peer);
  void Leave(const std::string& peer) noexcept;
  void EndHandshake();

  asio::io_context& context;
  const ServerLimits limits;
  ServerCounters counters;
  std::vector<RouteAnswers> answers{{.method = {}, .pattern = {}}};  // [0]: without a route
  Router router;
  BootClock clock;
  size_t waiting = 0;

 private:
  template <typename Acceptor, typename Admit>
  asio::awaitable<void> Accept(std::shared_ptr<Acceptor> acceptor, Admit admit);
  template <typename Acceptor, typename Admit>
  void Spawn(std::shared_ptr<Acceptor> acceptor, Admit admit);
  void AdmitUnix(Socket socket, const UnixListener& listener);
  void AdmitTls(Socket socket, const std::shared_ptr<Credentials>& credentials);
  void Sweep();

  Loop& loop_;
  Sessions sessions_;
  std::unordered_map<std::string, size_t> peers_;
  size_t handshakes_ = 0;
  asio::steady_timer gate_;  // waited for by listeners; cancelled when a handshake ends
  std::vector<std::function<void()>> close_listeners_;
  std::vector<std::shared_ptr<Credentials>> credentials_;
  std::vector<std::string> paths_;  // of our Unix sockets
  Loop::Handle sweep_;
  Instant peers_checked_{};
  bool stopped_ = false;
};

}  // namespace joinery::api
