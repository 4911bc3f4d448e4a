// One backend to check, at one VIP.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/ip_address.h"
#include "control/health/check.h"
#include "control/health/policy.h"
#include "control/health/way.h"

namespace joinery::health {

struct Target {
  std::string name;  // "web/b1 at 198.18.1.1": what it is known by over reloads; unique
  Way way;
  IpAddress vip;
  Port port;
  Check check;
  Policy policy;

  friend bool operator==(const Target&, const Target&) noexcept = default;
};

}  // namespace joinery::health
