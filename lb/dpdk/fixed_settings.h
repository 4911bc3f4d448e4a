// What a reload cannot change, since DPDK or a socket fixes it at start. Pure.
#pragma once

#include <string>
#include <vector>

#include "settings/config.h"

namespace joinery::dpdk {

// One sentence for each such setting in which `next` differs; empty: the reload can go on.
[[nodiscard]] std::vector<std::string> FixedDifferences(const settings::Config& running,
                                                        const settings::Config& next);
[[nodiscard]] std::vector<std::string> FixedDifferences(const settings::Balancer& running,
                                                        const settings::Balancer& next);

}  // namespace joinery::dpdk
