// Pages for Prometheus and probes: GET over plain HTTP/1.1, on an address that is the loopback
// unless somebody wants otherwise. Nobody proves who he is here, so nothing secret is on a page and
// nothing changes by asking. For everything else there is api/net/server.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/net/loop.h"
#include "base/endpoint.h"
#include "base/expected.h"

namespace joinery::api {

struct Page {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body{};
};

class PageServer {
 public:
  static constexpr int kMaxClients = 16;         // at a time; more are closed at once
  static constexpr size_t kMaxHeadBytes = 8192;  // of a request
  static constexpr Nanoseconds kPatience = std::chrono::seconds(10);  // for all of one

  // The page of a path without its query; called in the loop's thread. 404 is a page too.
  using Pages = std::function<Page(std::string_view path)>;

  // The error names the address and why it can not be listened on. The server goes before the loop.
  [[nodiscard]] static Expected<std::unique_ptr<PageServer>> Listen(Loop& loop,
                                                                    const joinery::Endpoint& at,
                                                                    Pages pages);
  // The same for a port that the kernel chooses; for tests.
  [[nodiscard]] static Expected<std::unique_ptr<PageServer>> ListenAnywhere(Loop& loop,
                                                                            Pages pages);
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  [[nodiscard]] Port port() const noexcept;
  // Connections closed because kMaxClients were being served, or for want of a request in time.
  [[nodiscard]] uint64_t refused() const noexcept;

 private:
  class Impl;
  explicit PageServer(std::shared_ptr<Impl> impl) noexcept;
  static Expected<std::unique_ptr<PageServer>> Open(Loop& loop, const std::string& address,
                                                    uint16_t port, Pages pages);

  std::shared_ptr<Impl> impl_;
};

}  // namespace joinery::api
