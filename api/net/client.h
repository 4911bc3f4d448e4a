// An HTTP/1.1 client of one server: calls one after the other over a connection that stays open
// while it is in use and is made again when it broke.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/net/endpoint.h"
#include "api/net/loop.h"
#include "api/position.h"
#include "base/clock.h"
#include "base/expected.h"

namespace joinery::api {

struct Call {
  std::string method = "GET";
  std::string target;                              // path and query, encoded (api/net/target.h)
  std::string body{};                              // sent with its Content-Digest
  Nanoseconds timeout = std::chrono::seconds(10);  // for all of it: connecting, TLS, the answer
  size_t max_body = size_t{64} << 20;              // of the answer
};

// Any status; a body that came with a Content-Digest has it.
struct Answer {
  unsigned status = 0;
  std::string body{};
  Digest digest{};  // of the body, computed
  std::optional<Position> position{};
  std::optional<uint32_t> retry_after_s{};

  [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
  // What a failure's body says, or its status.
  [[nodiscard]] std::string ErrorText() const;
};

class Client {
 public:
  using Done = std::function<void(Expected<Answer>)>;

  Client(Loop& loop, Endpoint endpoint);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();  // calls under way end without their callback

  // Calls wait for those before them, their timeout counts from when they start. An error says
  // where and why no answer came. A request that got no answer may have been carried out. The
  // callback may destroy the client.
  void Send(Call call, Done done);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

// Blocks, with a loop of its own: for tools.
[[nodiscard]] Expected<Answer> CallOnce(const Endpoint& endpoint, Call call);

}  // namespace joinery::api
