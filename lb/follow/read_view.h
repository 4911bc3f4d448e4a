// A view's parts as they came, read: from control, or from the disk.
#pragma once

#include <optional>
#include <string>

#include "api/position.h"
#include "base/expected.h"
#include "lb/follow/follower.h"

namespace joinery::follow {

// The position that the bytes were sent or stored with is the one in them, or they are refused.
[[nodiscard]] Expected<Scheme> ReadScheme(const api::Stamp& stamp, std::string bytes);
[[nodiscard]] Expected<Load> ReadLoad(const api::Stamp& stamp, std::string bytes);

// The last good views in this folder (lb/follow/last_good.h), read as control's are; whether a
// balancer holds it or not. nullopt: not both are there. An error: a file that is broken or of
// another version, by its path or its part.
[[nodiscard]] Expected<std::optional<View>> ReadLastGood(const std::string& directory);

}  // namespace joinery::follow
