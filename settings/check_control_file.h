// Rules over several values of the control daemon's configuration; check.h says how they report.
#pragma once

#include <span>

#include "settings/control_draft.h"

namespace joinery::settings {

// Names and addresses of the balancers.
void CheckControlBalancers(std::span<const ControlBalancerDraft> balancers);

// Listeners with their TLS; the quorum; whose the local sockets are.
void CheckControlDaemon(const ControlDraft& control,
                        std::span<const ControlBalancerDraft> balancers,
                        std::span<const ControlPoolDraft> pools);

// Where checks are sent from, and whether each checked pool has something to ask, and a source
// prefix of its family.
void CheckHealth(const ControlDraft& control, std::span<const ControlPoolDraft> pools);

// Names, layouts, backends and addresses of the pools.
void CheckControlPools(std::span<ControlPoolDraft> pools,
                       std::span<const ControlBalancerDraft> balancers);

}  // namespace joinery::settings
