// The control daemon's model while it is read; draft.h says why.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "settings/control_config.h"
#include "settings/draft.h"
#include "settings/yaml_reader.h"

namespace joinery::settings {

struct LocalDraft {
  LocalListener local;
  MapReader map;
};

struct ControlHealthDraft {
  ControlHealth health;
  MapReader map;
  std::vector<Placed<IpPrefix>> sources;
};

struct ControlDraft {
  ControlDaemon control;
  MapReader map;
  std::vector<LocalDraft> local;
  std::optional<ControlHealthDraft> health;
};

struct ControlBalancerDraft {
  ControlBalancer balancer;
  MapReader map;
  std::vector<Placed<IpAddress>> addresses;
};

struct PoolHealthDraft {
  PoolHealth health;
  MapReader map;
};

// `shared` is what rules for both files look at; `pool` holds the rest.
struct ControlPoolDraft {
  ControlPool pool;
  PoolDraft shared;
  std::optional<PoolHealthDraft> health;
};

}  // namespace joinery::settings
