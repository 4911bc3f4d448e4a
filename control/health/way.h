// How a check's packets get to a backend: as the balancers' do.
#pragma once

#include "base/ip_address.h"
#include "settings/config.h"

namespace joinery::health {

struct Way {
  IpAddress backend;  // for l2: on a network of this host
  settings::Encap encap = settings::Encap::kL2;

  friend auto operator<=>(const Way&, const Way&) noexcept = default;
};

}  // namespace joinery::health
