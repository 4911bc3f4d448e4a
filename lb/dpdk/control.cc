#include "lb/dpdk/control.h"

#include <csignal>
#include <pthread.h>
#include <utility>

#include "api/net/asio.h"

namespace joinery::dpdk {

Control::Control()
    : interrupt_(loop_.OnSignal(SIGINT, [this] { stop_ = true; })),
      terminate_(loop_.OnSignal(SIGTERM, [this] { stop_ = true; })),
      hangup_(loop_.OnSignal(SIGHUP, [this] { reload_(); })) {
  sched_getaffinity(0, sizeof cpus_, &cpus_);
}

Control::~Control() { Stop(); }

boost::asio::io_context& Control::io() noexcept { return loop_.impl().context; }

void Control::Start(std::function<void()> first, std::function<void()> reload) {
  reload_ = std::move(reload);
  thread_ = std::thread([this, first = std::move(first)] {
    pthread_setname_np(pthread_self(), "joinery-control");
    pthread_setaffinity_np(pthread_self(), sizeof cpus_, &cpus_);
    first();
    loop_.Run();
  });
}

void Control::Stop() {
  stop_ = true;
  loop_.Stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace joinery::dpdk
