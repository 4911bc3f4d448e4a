// Follows one resource by long poll until it is destroyed: asks, hands over what came, asks again
// from there; after an error with growing, jittered pauses, for ever.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/net/endpoint.h"
#include "api/net/loop.h"
#include "api/position.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"

namespace joinery::api {

struct WatchOptions {
  std::string path;                 // "/v1/agent/view"
  std::optional<Position> after{};  // what the receiver has; none: nothing
  Nanoseconds wait = std::chrono::seconds(30);
  Nanoseconds slack = std::chrono::seconds(15);  // an answer is late so long after `wait`
  Nanoseconds min_pause = std::chrono::milliseconds(200);
  Nanoseconds max_pause = std::chrono::seconds(10);
  size_t max_body = size_t{64} << 20;
};

// A view as it came: `at` is the header's, the digest is of `bytes` and equals the header's.
struct WatchedView {
  Stamp stamp;
  std::string bytes;
};

struct WatchEvents {
  // The receiver parses it, compares position and digest (I8), applies or refuses it, and reports.
  // The next poll is after this one, applied or not: a refused view is not sent again and again.
  std::function<void(WatchedView)> on_view;
  // An answer came, also 204: the server is there.
  std::function<void()> on_contact{};
  // No answer, or one that is an error; the next try follows after a pause.
  std::function<void(const Error&)> on_trouble{};
};

class Watcher {
 public:
  // Starts at once. `random` must outlive it. Callbacks may destroy it.
  Watcher(Loop& loop, const Endpoint& endpoint, WatchOptions options, WatchEvents events,
          Random& random);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // Asks again from `after` at once: after a restore, or when the receiver lost what it had.
  void Restart(std::optional<Position> after);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace joinery::api
