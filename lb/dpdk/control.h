// The control thread: signals, reloads and the stats socket, beside the forwarding cores and never
// on one of their CPUs if it can be helped.
#pragma once

#include <atomic>
#include <functional>
#include <sched.h>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/expected.h"

namespace joinery::dpdk {

class Control {
 public:
  // From here on SIGINT, SIGTERM and SIGHUP wait for Start instead of killing the process. Made
  // before DPDK, which binds its thread to one CPU: this remembers where threads may run.
  Control();
  ~Control();  // Stop
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
  // Set by SIGINT and SIGTERM.
  [[nodiscard]] const std::atomic<bool>& stop_requested() const noexcept { return stop_; }

  // Runs `first`, then the loop, on a thread of its own; `reload` at each SIGHUP.
  void Start(std::function<void()> first, std::function<void()> reload);
  // Ends the loop and waits for the thread.
  void Stop();

 private:
  void AwaitSignal();

  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  std::atomic<bool> stop_ = false;
  std::function<void()> reload_;
  cpu_set_t cpus_{};
  std::thread thread_;
};

}  // namespace joinery::dpdk
