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

struct ControlDraft {
  ControlDaemon control;
  MapReader map;
  std::vector<LocalDraft> local;
};

struct ControlBalancerDraft {
  ControlBalancer balancer;
  MapReader map;
  std::vector<Placed<IpAddress>> addresses;
};

// `shared` is what rules for both files look at; `pool` holds the rest.
struct ControlPoolDraft {
  ControlPool pool;
  PoolDraft shared;
};

}  // namespace joinery::settings
