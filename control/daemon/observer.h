// Where Prometheus and probes look in: the pages of control/daemon/metrics.h over HTTP. In the
// daemon's loop.
#pragma once

#include <memory>
#include <string>

#include "api/net/loop.h"
#include "api/net/page_server.h"
#include "api/net/server.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "base/expected.h"
#include "control/daemon/driver.h"
#include "control/daemon/generation_ages.h"
#include "control/daemon/logger.h"
#include "control/store/counted_store.h"

namespace joinery::control {

class Observer {
 public:
  static constexpr Nanoseconds kLookAtGenerations = std::chrono::seconds(1);

  // What is looked at; all of it outlives the observer.
  struct Source {
    Driver* driver = nullptr;
    const CountedStore* store = nullptr;
    const Logger* logger = nullptr;
    const api::Server* nodes = nullptr;
    const api::Server* operators = nullptr;
  };

  Observer(api::Loop& loop, const Source& source);
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  // The error names the address and why it can not be listened on.
  [[nodiscard]] Expected<void> Listen(const joinery::Endpoint& at);

 private:
  [[nodiscard]] std::string Metrics() const;

  api::Loop& loop_;
  Source source_;
  Instant started_;
  GenerationAges ages_;
  std::unique_ptr<api::PageServer> pages_;
  api::Loop::Handle look_;
};

}  // namespace joinery::control
