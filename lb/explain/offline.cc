#include "lb/explain/offline.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "lb/follow/pools.h"
#include "lb/follow/read_view.h"
#include "settings/limits.h"
#include "settings/load.h"

namespace joinery::explain {
namespace {

constexpr uint64_t kVersion = 1;

// Everything is on its only link, and nothing is too long for it.
settings::Balancer MadeUp() {
  settings::PortConfig port;
  port.name = "any";
  port.addresses = {*IpPrefix::Parse("0.0.0.0/0"), *IpPrefix::Parse("::/0")};
  port.mtu = settings::kMaxMtu;
  settings::Balancer balancer;
  balancer.ports = {std::move(port)};
  return balancer;
}

Expected<std::vector<settings::Pool>> PoolsOf(const settings::Balancer& balancer,
                                              const std::string& folder) {
  const auto read = follow::ReadLastGood(folder);
  if (!read) return tl::unexpected(read.error());
  const std::optional<follow::View>& view = *read;
  if (!view) return Fail(folder + ": no view is there; a balancer that follows control writes it");
  auto pools = follow::ToPools(balancer, *view->scheme.part, *view->load.part);
  if (!pools) return Fail(fmt::format("{}: {}", folder, pools.error().message));
  return pools;
}

// All mistakes of a file, one on a line.
Expected<settings::Config> ReadConfig(const std::string& path) {
  auto config = settings::LoadFile(path);
  if (config) return *std::move(config);
  std::string text;
  for (const settings::Diagnostic& diagnostic : config.error()) {
    text += (text.empty() ? "" : "\n") + ToString(diagnostic);
  }
  return Fail(std::move(text));
}

Expected<settings::Config> ConfigOf(const Offline& offline) {
  settings::Config config;
  std::string view = offline.view;
  if (offline.config.empty()) {
    config.lb = MadeUp();
  } else {
    auto file = ReadConfig(offline.config);
    if (!file) return file;
    config = *std::move(file);
    if (!config.control && view.empty()) return config;
    if (!config.control) {
      return Fail(offline.config +
                  ": has pools of its own; a view is of a balancer that follows "
                  "control");
    }
    if (view.empty()) view = config.control->state_dir;
  }
  auto pools = PoolsOf(config.lb, view);
  if (!pools) return tl::unexpected(pools.error());
  config.pools = *std::move(pools);
  return config;
}

}  // namespace

Expected<std::unique_ptr<const steer::Snapshot>> ReadSnapshot(const Offline& offline) {
  const auto config = ConfigOf(offline);
  if (!config) return tl::unexpected(config.error());
  auto snapshot = steer::Snapshot::Build(*config, kVersion);
  if (!snapshot) {
    const std::string& source = offline.config.empty() ? offline.view : offline.config;
    return Fail(fmt::format("{}: {}", source, snapshot.error().message));
  }
  return snapshot;
}

}  // namespace joinery::explain
