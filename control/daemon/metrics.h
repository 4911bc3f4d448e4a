// What the daemon shows at /metrics and /readyz. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "api/metrics/server_families.h"
#include "api/net/page_server.h"
#include "base/clock.h"
#include "control/daemon/generation_ages.h"
#include "control/model/model.h"
#include "control/store/counted_store.h"

namespace joinery::control {

// Who waits for the next version of what.
struct Watchers {
  size_t scheme = 0;  // balancers
  size_t load = 0;    // balancers
  size_t agents = 0;  // of their views
  size_t events = 0;  // joinctl events
};

struct Observed {
  const Model& model;
  const GenerationAges& ages;
  Instant now{};
  Nanoseconds uptime{};
  std::span<const api::ObservedServer> servers;
  Watchers watchers;
  StoreCounters store;
  std::array<uint64_t, 3> log_entries{};  // by Severity
};

[[nodiscard]] std::string ToPrometheus(const Observed& observed);

// 200 "ready", or 503 and whose report it waits for.
[[nodiscard]] api::Page ReadyPage(const Model& model);

}  // namespace joinery::control
