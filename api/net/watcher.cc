#include "api/net/watcher.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "api/net/client_connection.h"
#include "api/position_text.h"

namespace joinery::api {

class Watcher::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, const Endpoint& endpoint, WatchOptions options, WatchEvents events,
       Random& random)
      : loop_(loop),
        endpoint_(endpoint),
        options_(std::move(options)),
        events_(std::move(events)),
        random_(random),
        connection_(std::make_shared<ClientConnection>(loop, endpoint)),
        pause_timer_(loop.impl().context),
        pause_(options_.min_pause) {}

  void Start() {
    asio::co_spawn(loop_.impl().context, Run(),
                   [self = shared_from_this()](const std::exception_ptr& error) {
                     if (error) std::rethrow_exception(error);
                   });
  }
  void Stop() {
    stopped_ = true;
    connection_->Stop();
    pause_timer_.cancel();
  }
  // A poll under way is from the old place: its connection ends, and with it the poll.
  void Restart(std::optional<Position> after) {
    options_.after = after;
    last_.reset();
    pause_ = options_.min_pause;
    restarted_ = true;
    connection_->Stop();
    connection_ = std::make_shared<ClientConnection>(loop_, endpoint_);
    pause_timer_.cancel();
  }

 private:
  asio::awaitable<void> Run() {
    while (!stopped_) {
      restarted_ = false;
      const Call call = MakeCall();
      asked_ = std::chrono::steady_clock::now();
      // Restart may put another in its place meanwhile.
      const auto connection = connection_;
      Expected<Answer> answer = co_await connection->Perform(call);
      if (stopped_) break;
      if (restarted_) continue;
      const Nanoseconds pause = Handle(std::move(answer));
      if (stopped_) break;
      if (pause == Nanoseconds::zero() || restarted_) continue;
      pause_timer_.expires_after(pause);
      co_await pause_timer_.async_wait(kValues);
    }
  }

  [[nodiscard]] Call MakeCall() const {
    Call call;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.wait);
    call.target = fmt::format("{}?wait_s={}", options_.path, seconds.count());
    if (options_.after) call.target += "&after=" + ToString(*options_.after);
    call.timeout = options_.wait + options_.slack;
    call.max_body = options_.max_body;
    return call;
  }

  // How long to pause before the next poll.
  [[nodiscard]] Nanoseconds Handle(Expected<Answer> answer) {
    if (!answer) return Trouble(answer.error(), Nanoseconds::zero());
    if (!answer->ok() || (answer->status != 204 && !answer->position)) {
      const auto least = std::chrono::seconds(answer->retry_after_s.value_or(0));
      const std::string what = answer->ok() ? "a view without a position" : answer->ErrorText();
      return Trouble({fmt::format("{}: {}: {}", ToString(endpoint_), options_.path, what)}, least);
    }
    pause_ = options_.min_pause;
    const auto self = shared_from_this();
    if (events_.on_contact) events_.on_contact();
    if (stopped_ || restarted_) return Nanoseconds::zero();
    // A server that says the same again and again, at once, would keep both busy.
    const bool hasty = std::chrono::steady_clock::now() - asked_ < options_.min_pause;
    if (answer->status == 204) return hasty ? options_.min_pause : Nanoseconds::zero();
    const Stamp stamp{.at = answer->position.value_or(Position{}), .digest = answer->digest};
    const Nanoseconds pause = last_ == stamp ? options_.min_pause : Nanoseconds::zero();
    last_ = stamp;
    options_.after = stamp.at;
    events_.on_view({.stamp = stamp, .bytes = std::move(answer->body)});
    return pause;
  }

  // Twice as long each time, of which a random half.
  [[nodiscard]] Nanoseconds Trouble(const Error& error, Nanoseconds least) {
    const Nanoseconds full = std::min(pause_, options_.max_pause);
    pause_ = std::min(2 * full, options_.max_pause);
    if (events_.on_trouble) events_.on_trouble(error);
    const auto half_us =
        std::chrono::duration_cast<std::chrono::microseconds>(full).count() / 2 + 1;
    const auto bound = static_cast<uint32_t>(std::min<int64_t>(half_us, UINT32_MAX));
    const Nanoseconds jittered =
        std::chrono::microseconds(half_us + static_cast<int64_t>(random_.Below(bound)));
    return std::min(std::max(jittered, least), std::max(options_.max_pause, jittered));
  }

  Loop& loop_;
  Endpoint endpoint_;
  WatchOptions options_;
  WatchEvents events_;
  Random& random_;
  std::shared_ptr<ClientConnection> connection_;
  asio::steady_timer pause_timer_;
  Nanoseconds pause_;
  std::optional<Stamp> last_{};
  std::chrono::steady_clock::time_point asked_{};
  bool stopped_ = false;
  bool restarted_ = false;
};

Watcher::Watcher(Loop& loop, const Endpoint& endpoint, WatchOptions options, WatchEvents events,
                 Random& random)
    : impl_(std::make_shared<Impl>(loop, endpoint, std::move(options), std::move(events), random)) {
  impl_->Start();
}

Watcher::~Watcher() { impl_->Stop(); }

void Watcher::Restart(std::optional<Position> after) { impl_->Restart(after); }

}  // namespace joinery::api
