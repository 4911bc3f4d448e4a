#include "lb/dpdk/control.h"

#include <csignal>
#include <pthread.h>
#include <utility>

namespace joinery::dpdk {

Control::Control() : signals_(io_, SIGINT, SIGTERM, SIGHUP) {
  sched_getaffinity(0, sizeof cpus_, &cpus_);
}

Control::~Control() { Stop(); }

void Control::Start(std::function<void()> first, std::function<void()> reload) {
  reload_ = std::move(reload);
  AwaitSignal();
  thread_ = std::thread([this, first = std::move(first)] {
    pthread_setname_np(pthread_self(), "joinery-control");
    pthread_setaffinity_np(pthread_self(), sizeof cpus_, &cpus_);
    first();
    io_.run();
  });
}

void Control::Stop() {
  stop_ = true;
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void Control::AwaitSignal() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      reload_();
    } else {
      stop_ = true;
    }
    AwaitSignal();
  });
}

}  // namespace joinery::dpdk
