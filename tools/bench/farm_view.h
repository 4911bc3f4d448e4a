// Views as control sends them, of a farm that is the same in every run: what a balancer gets when
// addresses move or keys rotate. Deterministic; nothing that its keys protect.
#pragma once

#include <cstdint>

#include "api/balancer_view.h"
#include "settings/config.h"

namespace joinery::bench {

struct Farm {
  uint32_t pools = 64;
  uint32_t backends = 16;  // of each pool
  uint32_t vips = 1'024;   // of all pools; the same number for each
};

// What differs between two views of one farm.
struct Turn {
  uint32_t addresses = 0;  // every VIP has another address than in the turn before
  uint32_t keys = 0;       // every pool has another pending generation; 0: none
};

// Backends on one subnet of the balancer's only port.
[[nodiscard]] settings::Balancer BalancerOf();

// `version` is the scheme part's. Pool 1..N; generation 0 stays active through all turns.
[[nodiscard]] api::SchemePart SchemeOf(const Farm& farm, const Turn& turn, uint64_t version);
// All backends up, with weight 1.
[[nodiscard]] api::LoadPart LoadOf(const Farm& farm);

}  // namespace joinery::bench
