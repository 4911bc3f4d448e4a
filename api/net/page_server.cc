#include "api/net/page_server.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "api/net/asio.h"

namespace joinery::api {
namespace {

using Tcp = asio::ip::tcp;

std::string_view Reason(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

std::string ResponseText(const Page& page, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "Connection: close\r\n\r\n{}",
      page.status, Reason(page.status), page.content_type, page.body.size(),
      with_body ? page.body : std::string());
}

}  // namespace

class PageServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, Pages pages)
      : context_(loop.impl().context), acceptor_(context_), pages_(std::move(pages)) {}

  error_code Open(const Tcp::endpoint& at) {
    error_code error;
    acceptor_.open(at.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(at, error);
    if (!error) acceptor_.listen(kMaxClients, error);
    return error;
  }
  void Close() {
    open_ = false;
    error_code ignored;
    acceptor_.close(ignored);
  }
  void Accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, Tcp::socket socket) {
      if (!self->open_ || error == asio::error::operation_aborted) return;
      if (!error && self->clients_ < kMaxClients) {
        std::make_shared<Client>(self, std::move(socket))->Start();
      } else if (!error) {
        ++self->refused_;  // the socket closes here
      }
      self->Accept();
    });
  }
  [[nodiscard]] Port port() const {
    error_code ignored;
    return Port(acceptor_.local_endpoint(ignored).port());
  }
  [[nodiscard]] uint64_t refused() const noexcept { return refused_; }

 private:
  // One request and its answer, under one deadline.
  class Client : public std::enable_shared_from_this<Client> {
   public:
    Client(std::shared_ptr<Impl> server, Tcp::socket socket)
        : server_(std::move(server)), socket_(std::move(socket)), deadline_(server_->context_) {
      ++server_->clients_;
    }
    ~Client() { --server_->clients_; }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void Start() {
      deadline_.expires_after(kPatience);
      deadline_.async_wait([weak = weak_from_this()](error_code error) {
        const auto self = weak.lock();
        if (error || !self) return;
        ++self->server_->refused_;
        error_code ignored;
        self->socket_.close(ignored);
      });
      asio::async_read_until(socket_, asio::dynamic_buffer(head_, kMaxHeadBytes), "\r\n\r\n",
                             [self = shared_from_this()](error_code error, size_t) {
                               if (error == asio::error::not_found) {
                                 self->Answer({.status = 400, .body = "too long\n"}, true);
                               } else if (!error) {
                                 self->Serve();
                               }
                             });
    }

   private:
    void Serve() {
      const std::string_view line = std::string_view(head_).substr(0, head_.find("\r\n"));
      const size_t first = line.find(' ');
      const size_t second = line.rfind(' ');
      if (first == std::string_view::npos || second == first ||
          !line.substr(second + 1).starts_with("HTTP/1.")) {
        Answer({.status = 400, .body = "not HTTP/1.1\n"}, true);
        return;
      }
      const std::string_view method = line.substr(0, first);
      const std::string_view target = line.substr(first + 1, second - first - 1);
      if (method != "GET" && method != "HEAD") {
        Answer({.status = 405, .body = "only GET\n"}, true);
        return;
      }
      Answer(server_->pages_(target.substr(0, target.find('?'))), method == "GET");
    }
    void Answer(const Page& page, bool with_body) {
      text_ = ResponseText(page, with_body);
      asio::async_write(socket_, asio::buffer(text_),
                        [self = shared_from_this()](error_code, size_t) {
                          self->deadline_.cancel();
                          error_code ignored;
                          self->socket_.shutdown(Tcp::socket::shutdown_both, ignored);
                        });
    }

    std::shared_ptr<Impl> server_;
    Tcp::socket socket_;
    asio::steady_timer deadline_;
    std::string head_;
    std::string text_;
  };

  asio::io_context& context_;
  Tcp::acceptor acceptor_;
  Pages pages_;
  bool open_ = true;
  int clients_ = 0;
  uint64_t refused_ = 0;
};

PageServer::PageServer(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

PageServer::~PageServer() { impl_->Close(); }

Expected<std::unique_ptr<PageServer>> PageServer::Open(Loop& loop, const std::string& address,
                                                       uint16_t port, Pages pages) {
  auto impl = std::make_shared<Impl>(loop, std::move(pages));
  error_code error;
  const Tcp::endpoint at(asio::ip::make_address(address, error), port);
  if (!error) error = impl->Open(at);
  if (error) return Fail(fmt::format("{} port {}: {}", address, port, error.message()));
  impl->Accept();
  return std::unique_ptr<PageServer>(new PageServer(std::move(impl)));
}

Expected<std::unique_ptr<PageServer>> PageServer::Listen(Loop& loop, const joinery::Endpoint& at,
                                                         Pages pages) {
  return Open(loop, ToString(at.address), at.port.value(), std::move(pages));
}

Expected<std::unique_ptr<PageServer>> PageServer::ListenAnywhere(Loop& loop, Pages pages) {
  return Open(loop, "127.0.0.1", 0, std::move(pages));
}

Port PageServer::port() const noexcept { return impl_->port(); }

uint64_t PageServer::refused() const noexcept { return impl_->refused(); }

}  // namespace joinery::api
