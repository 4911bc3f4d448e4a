// The control thread: signals, reloads, sockets and control's watch, beside the forwarding cores
// and never on one of their CPUs if it can be helped.
#pragma once

#include <atomic>
#include <functional>
#include <sched.h>
#include <string>
#include <thread>

#include "api/net/loop.h"

namespace boost::asio {
class io_context;
}

namespace joinery::dpdk {

class Control {
 public:
  // From here on SIGINT, SIGTERM and SIGHUP wait for Start instead of killing the process. Made
  // before DPDK, which binds its thread to one CPU: this remembers where threads may run.
  Control();
  ~Control();  // Stop
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  [[nodiscard]] api::Loop& loop() noexcept { return loop_; }
  // The same, for who needs Asio itself.
  [[nodiscard]] boost::asio::io_context& io() noexcept;
  // Set by SIGINT and SIGTERM.
  [[nodiscard]] const std::atomic<bool>& stop_requested() const noexcept { return stop_; }

  // Runs `first`, then the loop, on a thread of its own; `reload` at each SIGHUP.
  void Start(std::function<void()> first, std::function<void()> reload);
  // Ends the loop and waits for the thread.
  void Stop();

 private:
  api::Loop loop_;
  std::atomic<bool> stop_ = false;
  std::function<void()> reload_;
  api::Loop::Handle interrupt_;
  api::Loop::Handle terminate_;
  api::Loop::Handle hangup_;
  cpu_set_t cpus_{};
  std::thread thread_;
};

}  // namespace joinery::dpdk
