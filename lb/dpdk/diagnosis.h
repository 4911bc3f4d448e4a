// Why DPDK did not start, and how to mend it, in the user's words. Pure: facts and log in, advice
// out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lb/dpdk/host_facts.h"
#include "settings/config.h"

namespace joinery::dpdk {

// One sentence for each thing found wrong, the likeliest cause first; empty when nothing is known.
// `log` is what DPDK wrote.
[[nodiscard]] std::vector<std::string> Diagnose(const settings::Balancer& balancer,
                                                const HostFacts& host,
                                                std::span<const std::string> log);

// The whole message: what failed, each piece of advice, and DPDK's own last lines.
[[nodiscard]] std::string ExplainFailure(const std::string& what,
                                         std::span<const std::string> advice,
                                         std::span<const std::string> log);

}  // namespace joinery::dpdk
