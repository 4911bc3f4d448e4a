// A balancer's snapshot without the balancer: from its configuration file, from the last good view
// that it keeps on disk, or from both. For questions (lb/explain/explain.h) when it does not run,
// or before it is given a file.
#pragma once

#include <memory>
#include <string>

#include "base/expected.h"
#include "lb/steer/snapshot.h"

namespace joinery::explain {

// One of them at least is not empty.
struct Offline {
  // The balancer's configuration file. One with pools needs no view; one that follows control has
  // the view in its control.state_dir.
  std::string config;
  // The folder of a last good view. Without a file, the balancer's own settings are made up: the
  // defaults, and every backend on a link of its port, whatever its address is.
  std::string view;
};

// As the balancer builds it, version 1. The error says which file, and why; it holds no key.
[[nodiscard]] Expected<std::unique_ptr<const steer::Snapshot>> ReadSnapshot(const Offline& offline);

}  // namespace joinery::explain
