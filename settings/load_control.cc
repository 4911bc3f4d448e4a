#include "settings/load_control.h"

#include <filesystem>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "settings/check_control_file.h"
#include "settings/control_file_keys.h"
#include "settings/errors.h"
#include "settings/load.h"
#include "settings/parse_control_file.h"
#include "settings/read_file.h"

namespace joinery::settings {
namespace {

using Diagnostics = std::vector<Diagnostic>;

ControlPool Finish(ControlPoolDraft draft) {
  ControlPool pool = std::move(draft.pool);
  Pool& shared = draft.shared.pool;
  pool.name = std::move(shared.name);
  pool.max_backends = shared.max_backends;
  pool.handshake = shared.handshake;
  pool.algorithm = shared.scheme.algorithm;
  pool.generation_bits = shared.scheme.generation_bits;
  pool.table_size = shared.table_size;
  pool.join_rate = shared.join_rate;
  if (draft.health) pool.health = std::move(draft.health->health);
  for (VipDraft& vip : draft.shared.vips) pool.vips.push_back(std::move(vip.vip));
  for (BackendDraft& backend : draft.shared.backends) {
    pool.backends.push_back({.name = std::move(backend.backend.name),
                             .address = backend.backend.address,
                             .weight = backend.backend.weight,
                             .encap = backend.backend.encap});
  }
  return pool;
}

void Resolve(const std::filesystem::path& folder, std::string& path) {
  if (!path.empty()) path = (folder / path).string();
}

ControlConfig Read(const YamlNode::Ptr& root, const std::filesystem::path& folder, Errors& errors) {
  const MapReader file(root, "", ControlFileSection(), errors);
  ControlConfig config;
  std::optional<ControlDraft> control;
  if (const auto map = file.Sub("control", ControlDaemonSection()))
    control = ParseControlDaemon(*map);
  std::vector<ControlBalancerDraft> balancers;
  for (const MapReader& map : file.Sections("balancers", ControlBalancerSection())) {
    balancers.push_back(ParseControlBalancer(map));
  }
  std::vector<ControlPoolDraft> pools;
  for (const MapReader& map : file.Sections("pools", ControlPoolSection())) {
    pools.push_back(ParseControlPool(map));
  }
  CheckControlBalancers(balancers);
  if (control) CheckControlDaemon(*control, balancers, pools);
  CheckControlPools(pools, balancers);
  if (control && control->map.IsMap()) CheckHealth(*control, pools);

  if (control) {
    config.control = std::move(control->control);
    if (control->health) config.control.health = std::move(control->health->health);
    for (LocalDraft& draft : control->local) {
      config.control.local.push_back(std::move(draft.local));
    }
  }
  ControlTls& tls = config.control.tls;
  for (std::string* path :
       {&tls.ca, &tls.certificate, &tls.key, &tls.revoked, &config.control.state_key_file}) {
    Resolve(folder, *path);
  }
  for (auto& draft : balancers) config.balancers.push_back(std::move(draft.balancer));
  for (auto& draft : pools) config.pools.push_back(Finish(std::move(draft)));
  return config;
}

std::string Count(size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

}  // namespace

Expected<ControlConfig, Diagnostics> LoadControlText(const std::string& name,
                                                     std::string_view text) {
  if (text.size() > kMaxFileBytes) {
    return unexpected(
        Diagnostics{{name, 0, 0, "", fmt::format("longer than {} bytes", kMaxFileBytes)}});
  }
  Errors errors(name);
  const auto root = ParseYaml(text);
  if (!root) {
    errors.Add(root.error().at, "", root.error().message);
    return unexpected(std::move(errors).Take());
  }
  ControlConfig config = Read(*root, std::filesystem::path(name).parent_path(), errors);
  if (!errors.empty()) return unexpected(std::move(errors).Take());
  return config;
}

Expected<ControlConfig, Diagnostics> LoadControlFile(const std::string& path) {
  const auto file = ReadFile(path, kMaxFileBytes);
  if (!file) return unexpected(Diagnostics{{path, 0, 0, "", file.error().message}});
  return LoadControlText(path, file->bytes);
}

bool CheckControlFile(const std::string& path, std::ostream& out) {
  const auto config = LoadControlFile(path);
  if (!config) {
    for (const Diagnostic& diagnostic : config.error()) out << ToString(diagnostic) << "\n";
    out << path << ": " << Count(config.error().size(), "error") << "\n";
    return false;
  }
  size_t backends = 0;
  for (const ControlPool& pool : config->pools) backends += pool.backends.size();
  out << path << ": valid: " << Count(config->balancers.size(), "balancer") << ", "
      << Count(config->pools.size(), "pool") << ", " << Count(backends, "backend") << "\n";
  return true;
}

}  // namespace joinery::settings
