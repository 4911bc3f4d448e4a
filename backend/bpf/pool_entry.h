// A pool as the tc programs read it, and the way from one state of it to the next: in writes that a
// program may see one by one, each right in itself. Pure: it touches no map.
#pragma once

#include <vector>

#include "backend/bpf/cookie_maps.h"
#include "backend/bpf/cookie_settings.h"
#include "base/expected.h"

namespace joinery::bpf {

// The entry of a pool. Refuses what TimestampCookie refuses, two epochs of one residue, an ID that
// does not fit, and an epoch to write that is not live.
[[nodiscard]] Expected<joinery_bpf_pool> MakePoolEntry(const CookiePool& pool);

// The entries to write over `now`, in this order, so that its pool becomes `next`: new epochs
// first, then which of them is written, then old ones go. `now` may be free (all zero). Refuses
// what flows that are alive do not survive (docs/cookie-format.md): fewer or more ID bits, another
// ID or key without a later epoch, an epoch after which a later one has been written, no epoch any
// more, and a next epoch of the residue of the one that is being written.
[[nodiscard]] Expected<std::vector<joinery_bpf_pool>> StepsToPool(const joinery_bpf_pool& now,
                                                                  const joinery_bpf_pool& next);

}  // namespace joinery::bpf
