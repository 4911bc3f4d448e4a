// What the operator's configuration asks for: pools, backends, balancers, policy. Plain values,
// made from a validated file (settings/); IDs, keys and generations are not in it, control gives
// those.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/balancer_view.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "control/model/policy.h"
#include "settings/config.h"

namespace joinery::control {

// Fixed while the pool exists: they are the layout of its tokens.
struct Layout {
  PoolId id;
  uint16_t max_backends = 128;
  settings::Algorithm algorithm = settings::Algorithm::kFf1;
  uint8_t generation_bits = 2;
  settings::Handshake handshake = settings::Handshake::kDerived;

  friend bool operator==(const Layout&, const Layout&) noexcept = default;
};

// May change at any time.
struct Service {
  uint32_t table_size = 65537;
  uint32_t join_rate = 50'000;
  std::vector<api::ServedVip> vips;

  friend bool operator==(const Service&, const Service&) noexcept = default;
};

inline constexpr uint32_t kMaxWeight = 1000;

// How balancers reach a backend, and its share.
struct Endpoint {
  IpAddress address;
  settings::Encap encap = settings::Encap::kL2;
  uint32_t weight = 1;  // 0..kMaxWeight

  friend bool operator==(const Endpoint&, const Endpoint&) noexcept = default;
};

struct DesiredPool {
  Layout layout;
  Service service;
  HealthPolicy health;
  std::map<std::string, Endpoint> backends;  // by name
};

struct Desired {
  Policy policy;
  std::map<std::string, DesiredPool> pools;                 // by name
  std::map<std::string, std::vector<IpAddress>> balancers;  // by name: where their packets to
                                                            // backends come from
};

}  // namespace joinery::control
