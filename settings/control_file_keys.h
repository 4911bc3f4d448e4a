// Every key of the control daemon's configuration, once, as keys.h has those of the balancer's. A
// key that both files have is one row: it is taken from there.
#pragma once

#include <array>

#include "settings/keys.h"

namespace joinery::settings {

[[nodiscard]] const Section& ControlFileSection();
[[nodiscard]] const Section& ControlDaemonSection();
[[nodiscard]] const Section& ListenSection();
[[nodiscard]] const Section& DaemonTlsSection();
[[nodiscard]] const Section& LocalSection();
[[nodiscard]] const Section& ControlHealthSection();
[[nodiscard]] const Section& ControlBalancerSection();
[[nodiscard]] const Section& ControlPoolSection();
[[nodiscard]] const Section& ControlSchemeSection();
[[nodiscard]] const Section& PoolHealthSection();
[[nodiscard]] const Section& ControlBackendSection();

// In the order of the reference; with the VIPs' section, which is the balancer's.
[[nodiscard]] std::array<const Section*, 12> ControlSections();

}  // namespace joinery::settings
