// Invariant I8 of docs/protocol.md section 3 for one part of a balancer's view: nobody applies a
// lower position, or other bytes under the same position. And what a load part may name. Pure.
#pragma once

#include <optional>
#include <string>

#include "api/balancer_view.h"
#include "api/position.h"

namespace joinery::follow {

enum class Fence : uint8_t {
  kNewer,  // may be applied
  kSame,   // is known already
  kRefused,
};

// `known`: the highest that was applied, or is being applied; none: nothing yet.
[[nodiscard]] Fence Check(const std::optional<api::Stamp>& known,
                          const api::Stamp& arrived) noexcept;

// Why a refused one is refused, for people and for the report.
[[nodiscard]] std::string WhyRefused(const api::Stamp& known, const api::Stamp& arrived);

// Whether the load part can be applied to the scheme part. A load part that is older than the
// scheme part may name what has left it; one that is made for exactly this scheme part may not.
// nullopt: it can; else the path of the first wrong name.
[[nodiscard]] std::optional<std::string> WhyNotFor(const api::SchemePart& scheme,
                                                   const api::LoadPart& load);

}  // namespace joinery::follow
