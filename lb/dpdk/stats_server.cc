#include "lb/dpdk/stats_server.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <unistd.h>
#include <utility>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <sys/stat.h>

namespace joinery::dpdk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr mode_t kOwnerOnly = 0177;  // umask: leaves 0600

// sun_path of unix(7), less its final zero; Asio throws on longer ones.
constexpr size_t kMaxPathBytes = 107;

bool IsServed(const std::string& path) {
  asio::io_context io;
  asio::local::stream_protocol::socket socket(io);
  error_code error;
  socket.connect(path, error);
  return !error;
}

}  // namespace

Expected<std::unique_ptr<StatsServer>> StatsServer::Listen(asio::io_context& io,
                                                           const std::string& path,
                                                           Document document) {
  std::unique_ptr<StatsServer> server(new StatsServer(io, path, std::move(document)));
  if (auto opened = server->Open(); !opened) return tl::unexpected(opened.error());
  server->Accept();
  return server;
}

StatsServer::StatsServer(asio::io_context& io, std::string path, Document document)
    : path_(std::move(path)), document_(std::move(document)), acceptor_(io) {}

StatsServer::~StatsServer() {
  if (bound_) unlink(path_.c_str());
}

Expected<void> StatsServer::Open() {
  if (path_.size() > kMaxPathBytes) {
    return Fail(
        fmt::format("balancer.stats_socket: {} is longer than {} bytes", path_, kMaxPathBytes));
  }
  if (IsServed(path_)) {
    return Fail(fmt::format("balancer.stats_socket: {} belongs to a running balancer", path_));
  }
  std::error_code ignored;
  made_folder_ =
      std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
  if (std::filesystem::is_socket(path_, ignored)) unlink(path_.c_str());

  error_code error;
  acceptor_.open(Protocol(), error);
  // The mode must be right from the first moment: a chmod would come after the bind.
  const mode_t before = umask(kOwnerOnly);
  if (!error) acceptor_.bind(path_, error);
  umask(before);
  bound_ = !error;
  if (!error) acceptor_.listen(kMaxClients, error);
  if (error) return Fail(fmt::format("balancer.stats_socket: {}: {}", path_, error.message()));
  return {};
}

Expected<void> StatsServer::GiveTo(uid_t uid, gid_t gid) {
  const std::string folder = std::filesystem::path(path_).parent_path();
  if (chown(path_.c_str(), uid, gid) != 0 ||
      (made_folder_ && chown(folder.c_str(), uid, gid) != 0)) {
    return Fail(fmt::format("balancer.stats_socket: cannot give {} to user {}: {}", path_, uid,
                            std::strerror(errno)));
  }
  return {};
}

void StatsServer::Accept() {
  acceptor_.async_accept([this](error_code error, Protocol::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error && clients_ < kMaxClients) {
      Serve(std::move(socket));
    } else if (!error) {
      ++refused_;  // the socket closes here
    }
    Accept();
  });
}

void StatsServer::Serve(Protocol::socket socket) {
  ++clients_;
  const auto client = std::make_shared<Protocol::socket>(std::move(socket));
  const auto text = std::make_shared<const std::string>(document_() + "\n");
  asio::async_write(*client, asio::buffer(*text),
                    [this, client, text](error_code, size_t) { --clients_; });
}

Expected<std::string> FetchStats(const std::string& path) {
  if (path.size() > kMaxPathBytes) {
    return Fail(
        fmt::format("{}: longer than the {} bytes of a socket's name", path, kMaxPathBytes));
  }
  asio::io_context io;
  asio::local::stream_protocol::socket socket(io);
  error_code error;
  socket.connect(path, error);
  if (error) return Fail(fmt::format("{}: {}", path, error.message()));
  std::string text;
  asio::read(socket, asio::dynamic_buffer(text), error);
  if (error != asio::error::eof) return Fail(fmt::format("{}: {}", path, error.message()));
  return text;
}

}  // namespace joinery::dpdk
