// The model while it is read: each value beside the place it came from, so that rules over several
// values can say where the mistake is.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "settings/config.h"
#include "settings/yaml_reader.h"

namespace joinery::settings {

template <typename T>
struct Placed {
  T value;
  ValueReader at;
};

struct PortDraft {
  PortConfig port;
  MapReader map;
  std::vector<Placed<IpPrefix>> addresses;
  bool subnets_known = true;  // no address of the port is wrong
  std::vector<Placed<IpAddress>> gateways;
};

struct BalancerDraft {
  Balancer balancer;
  std::vector<PortDraft> ports;
};

struct GenerationDraft {
  Generation generation;
  MapReader map;
};

struct SchemeDraft {
  Scheme scheme;
  MapReader map;
  std::vector<GenerationDraft> generations;
};

struct CookieEpochDraft {
  CookieEpoch epoch;
  MapReader map;
};

struct CookieDraft {
  Cookie cookie;
  MapReader map;
  std::vector<CookieEpochDraft> epochs;
};

struct VipDraft {
  Vip vip;
  MapReader map;
  std::vector<Placed<PortRange>> ports;
};

struct BackendDraft {
  Backend backend;
  MapReader map;
};

struct PoolDraft {
  Pool pool;
  MapReader map;
  std::optional<SchemeDraft> scheme;
  std::optional<CookieDraft> cookie;
  std::vector<VipDraft> vips;
  std::vector<BackendDraft> backends;
};

}  // namespace joinery::settings
