#include "api/net/loop.h"

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/net/asio.h"

namespace joinery::api {

class Loop::Handle::Impl {
 public:
  virtual ~Impl() = default;
  virtual void Cancel() noexcept = 0;
};

namespace {

// Each of these is kept alive by its pending operation, so that a callback may drop its handle.
class Timer final : public Loop::Handle::Impl, public std::enable_shared_from_this<Timer> {
 public:
  Timer(asio::io_context& context, Nanoseconds period, Loop::Callback callback)
      : timer_(context), period_(period), callback_(std::move(callback)) {}

  void Start(Nanoseconds delay) {
    timer_.expires_after(delay);
    Wait();
  }
  void Cancel() noexcept override {
    live_ = false;
    timer_.cancel();
  }

 private:
  void Wait() {
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && self->live_) self->Fire();
    });
  }
  void Fire() {
    callback_();
    if (!live_ || period_ == Nanoseconds::zero()) return;
    // From the time it was due, so that periods do not drift; but no rush after a long stop.
    const auto now = std::chrono::steady_clock::now();
    const auto next = timer_.expiry() + period_;
    timer_.expires_at(next > now ? next : now + period_);
    Wait();
  }

  asio::steady_timer timer_;
  Nanoseconds period_;  // zero: once
  Loop::Callback callback_;
  bool live_ = true;
};

class Signal final : public Loop::Handle::Impl, public std::enable_shared_from_this<Signal> {
 public:
  Signal(asio::io_context& context, int number, Loop::Callback callback)
      : set_(context, number), callback_(std::move(callback)) {}

  void Wait() {
    set_.async_wait([self = shared_from_this()](error_code error, int) {
      if (error || !self->live_) return;
      self->callback_();
      if (self->live_) self->Wait();
    });
  }
  void Cancel() noexcept override {
    live_ = false;
    error_code ignored;
    set_.cancel(ignored);
  }

 private:
  asio::signal_set set_;
  Loop::Callback callback_;
  bool live_ = true;
};

class Readable final : public Loop::Handle::Impl, public std::enable_shared_from_this<Readable> {
 public:
  Readable(asio::io_context& context, int fd, Loop::Callback callback)
      : descriptor_(context, fd), callback_(std::move(callback)) {}
  ~Readable() override {
    if (descriptor_.is_open()) descriptor_.release();
  }

  void Wait() {
    descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                           [self = shared_from_this()](error_code error) {
                             if (error || !self->live_) return;
                             self->callback_();
                             if (self->live_) self->Wait();
                           });
  }
  // At once, for the caller may close the descriptor next.
  void Cancel() noexcept override {
    live_ = false;
    if (descriptor_.is_open()) descriptor_.release();
  }

 private:
  asio::posix::stream_descriptor descriptor_;
  Loop::Callback callback_;
  bool live_ = true;
};

}  // namespace

Loop::Handle::Handle() noexcept = default;
Loop::Handle::Handle(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Loop::Handle::Handle(Handle&& other) noexcept = default;
Loop::Handle::~Handle() { Cancel(); }

Loop::Handle& Loop::Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    Cancel();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

void Loop::Handle::Cancel() noexcept {
  if (const auto impl = std::exchange(impl_, nullptr)) impl->Cancel();
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::Run() {
  const auto guard = asio::make_work_guard(impl_->context);
  impl_->context.restart();
  impl_->context.run();
}

bool Loop::RunUntil(const std::function<bool()>& done, Nanoseconds limit) {
  const auto guard = asio::make_work_guard(impl_->context);
  const auto end = std::chrono::steady_clock::now() + limit;
  impl_->context.restart();
  while (!done()) {
    if (impl_->context.run_one_until(end) == 0) return done();
  }
  return true;
}

// Posted, since Run restarts the context and would forget a stop that came before it.
void Loop::Stop() noexcept {
  asio::post(impl_->context, [context = &impl_->context] { context->stop(); });
}

void Loop::Post(Callback callback) { asio::post(impl_->context, std::move(callback)); }

Loop::Handle Loop::After(Nanoseconds delay, Callback callback) {
  const auto timer =
      std::make_shared<Timer>(impl_->context, Nanoseconds::zero(), std::move(callback));
  timer->Start(delay);
  return Handle(timer);
}

Loop::Handle Loop::Every(Nanoseconds period, Callback callback) {
  const auto timer = std::make_shared<Timer>(impl_->context, period, std::move(callback));
  timer->Start(period);
  return Handle(timer);
}

Loop::Handle Loop::OnSignal(int signal, Callback callback) {
  const auto waiting = std::make_shared<Signal>(impl_->context, signal, std::move(callback));
  waiting->Wait();
  return Handle(waiting);
}

Loop::Handle Loop::OnReadable(int fd, Callback callback) {
  const auto waiting = std::make_shared<Readable>(impl_->context, fd, std::move(callback));
  waiting->Wait();
  return Handle(waiting);
}

}  // namespace joinery::api
