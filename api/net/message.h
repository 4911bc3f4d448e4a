// An HTTP request as its handler sees it, and the response it gives. Bodies are JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/net/identity.h"
#include "api/position.h"

namespace joinery::api {

// Lives as long as the handler's call. A body that came with a Content-Digest has it.
struct Request {
  std::string method{};  // "GET"
  std::string path{};    // decoded, without the query
  // First what the route's pattern names, then the query's; decoded.
  std::vector<std::pair<std::string, std::string>> parameters{};
  std::string body{};
  Identity peer{};

  // The first parameter of that name, or null.
  [[nodiscard]] const std::string* Find(std::string_view name) const noexcept;
};

struct Response {
  unsigned status = 200;
  // Shared, so that a thousand watchers get the same bytes; null: no body.
  std::shared_ptr<const std::string> body{};
  // Of the body; computed when it is missing.
  std::optional<Digest> digest{};
  // Sent as the header Joinery-Position.
  std::optional<Position> position{};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};  // more of them
};

[[nodiscard]] Response JsonResponse(std::string body, unsigned status = 200);

// `{"error": "...", "retry_after_s": 3}`; also sent as Retry-After.
[[nodiscard]] Response ErrorResponse(unsigned status, std::string_view message,
                                     std::optional<uint32_t> retry_after_s = std::nullopt);

// The way back to one request's sender. A handler answers at once or keeps the responder and
// answers later; a request that waits costs the server no buffer, timer or thread.
class Responder {
 public:
  class Exchange;  // the server's side

  explicit Responder(std::shared_ptr<Exchange> exchange) noexcept;
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();  // unanswered: 500, counted

  // The first call counts; nothing happens when the peer is gone.
  void Send(Response response);
  // Called once, if the peer goes away before the answer, or waited for it longer than the server
  // allows. The callback may destroy this responder.
  void OnGone(std::function<void()> callback);

 private:
  std::shared_ptr<Exchange> exchange_;
};

using Handler = std::function<void(const Request&, Responder)>;

}  // namespace joinery::api
