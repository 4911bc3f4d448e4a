// Control's status for people: one function for each of joinctl's views.
#pragma once

#include <string>

#include "control/ctl/status_view.h"

namespace joinery::ctl {

[[nodiscard]] std::string StatusText(const StatusView& status);
[[nodiscard]] std::string PoolsText(const StatusView& status);
// `pool` empty: of all.
[[nodiscard]] std::string BackendsText(const StatusView& status, const std::string& pool);
[[nodiscard]] std::string GenerationsText(const StatusView& status, const std::string& pool);
[[nodiscard]] std::string BalancersText(const StatusView& status);
[[nodiscard]] std::string AgentsText(const StatusView& status, const std::string& pool);

// "web/b1: draining: 3 connections left, the oldest 12 min old; the deadline is in 45 s".
[[nodiscard]] std::string DrainText(const std::string& pool, const BackendView& backend);

// What a forced retirement of this generation costs, one line; empty: nothing.
[[nodiscard]] std::string RetireCostText(const GenerationView& generation);

}  // namespace joinery::ctl
