// A view as the model that snapshots are built from (settings::Pool): the scheme part says which
// backends there are, the load part what is asked of them. Pure.
#pragma once

#include <string>
#include <vector>

#include "api/balancer_view.h"
#include "base/expected.h"
#include "settings/config.h"

namespace joinery::follow {

// The parts are what api::ParseSchemePart and api::ParseLoadPart let through, so that ranges hold
// and names are unique in each. Checked here is what needs more than one of them, or this machine:
// addresses that clash with others or that no host has, generations that share a key, more of
// something than a snapshot holds. The error lists paths, such as
// "pools[web].members[b1].address: 198.18.0.2 is the balancer's own".
//
// A member that the load part does not name is failed: nothing goes there (I5, I6).
[[nodiscard]] Expected<std::vector<settings::Pool>> ToPools(const settings::Balancer& balancer,
                                                            const api::SchemePart& scheme,
                                                            const api::LoadPart& load);

}  // namespace joinery::follow
