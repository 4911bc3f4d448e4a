// One thread's event loop (Boost.Asio's io_context): server, clients, watchers, timers and signals
// of a program run in it, one after the other, so that none of them needs a lock. What is called
// must not block. Only Post and Stop may be called from other threads.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"

namespace joinery::api {

class Loop {
 public:
  using Callback = std::function<void()>;

  // Something the loop does while the handle lives. The handle may be destroyed inside its own
  // callback, and must not outlive the loop.
  class Handle {
   public:
    class Impl;
    Handle() noexcept;
    explicit Handle(std::shared_ptr<Impl> impl) noexcept;
    Handle(Handle&& other) noexcept;
    Handle& operator=(Handle&& other) noexcept;
    ~Handle();
    void Cancel() noexcept;

   private:
    std::shared_ptr<Impl> impl_;
  };

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until Stop().
  void Run();
  // Until `done` holds, which is asked after each event, or `limit` has passed: then false.
  [[nodiscard]] bool RunUntil(const std::function<bool()>& done, Nanoseconds limit);
  void Stop() noexcept;          // from any thread; before Run it ends the next one
  void Post(Callback callback);  // from any thread

  [[nodiscard]] Handle After(Nanoseconds delay, Callback callback);
  [[nodiscard]] Handle Every(Nanoseconds period, Callback callback);
  // Each time that `signal` arrives. The process must not wait for it elsewhere.
  [[nodiscard]] Handle OnSignal(int signal, Callback callback);
  // Each time that `fd`, which stays the caller's and open, can be read without blocking.
  [[nodiscard]] Handle OnReadable(int fd, Callback callback);

  // For those who include api/net/asio.h.
  class Impl;
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace joinery::api
