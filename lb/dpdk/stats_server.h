// The local socket: whoever connects gets one JSON document and the end of the stream. Only the
// owner of the process may connect (mode 0600).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <sys/types.h>

#include "base/expected.h"

namespace joinery::dpdk {

class StatsServer {
 public:
  static constexpr int kMaxClients = 16;  // at a time; more are closed at once

  using Document = std::function<std::string()>;

  // `document` is called on the thread that runs `io`. Fails when the path is taken by a running
  // process, or cannot be made; a socket that nobody serves any more is replaced.
  [[nodiscard]] static Expected<std::unique_ptr<StatsServer>> Listen(boost::asio::io_context& io,
                                                                     const std::string& path,
                                                                     Document document);
  ~StatsServer();  // removes the socket
  StatsServer(const StatsServer&) = delete;
  StatsServer& operator=(const StatsServer&) = delete;

  // The socket, and its folder if this made it, become this user's, who may then remove them.
  [[nodiscard]] Expected<void> GiveTo(uid_t uid, gid_t gid);

  // Connections closed because kMaxClients were being served.
  [[nodiscard]] uint64_t refused() const noexcept { return refused_; }

 private:
  using Protocol = boost::asio::local::stream_protocol;

  StatsServer(boost::asio::io_context& io, std::string path, Document document);
  Expected<void> Open();
  void Accept();
  void Serve(Protocol::socket socket);

  std::string path_;
  Document document_;
  Protocol::acceptor acceptor_;
  int clients_ = 0;
  uint64_t refused_ = 0;
  bool bound_ = false;
  bool made_folder_ = false;
};

// The client's side: the document of whoever listens on `path`.
[[nodiscard]] Expected<std::string> FetchStats(const std::string& path);

}  // namespace joinery::dpdk
