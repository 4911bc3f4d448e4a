// Parsers of the sections that only the control daemon's file has, and of its pools, which hold no
// IDs and keys. As in parse.h a wrong value is reported and keeps its default.
#pragma once

#include "settings/control_draft.h"
#include "settings/yaml_reader.h"

namespace joinery::settings {

[[nodiscard]] ControlDraft ParseControlDaemon(const MapReader& map);
[[nodiscard]] ControlHealthDraft ParseControlHealth(const MapReader& map);
[[nodiscard]] PoolHealthDraft ParsePoolHealth(const MapReader& map);
[[nodiscard]] ControlBalancerDraft ParseControlBalancer(const MapReader& map);
[[nodiscard]] ControlPoolDraft ParseControlPool(const MapReader& map);

}  // namespace joinery::settings
