#include "settings/load.h"

#include <filesystem>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "settings/check.h"
#include "settings/errors.h"
#include "settings/key_file.h"
#include "settings/parse.h"
#include "settings/read_file.h"
#include "settings/yaml_reader.h"

namespace joinery::settings {
namespace {

using Diagnostics = std::vector<Diagnostic>;

Pool Finish(PoolDraft draft) {
  Pool pool = std::move(draft.pool);
  if (draft.scheme) {
    pool.scheme = std::move(draft.scheme->scheme);
    for (GenerationDraft& generation : draft.scheme->generations) {
      pool.scheme.generations.push_back(std::move(generation.generation));
    }
  }
  if (draft.cookie) {
    pool.cookie = std::move(draft.cookie->cookie);
    for (CookieEpochDraft& epoch : draft.cookie->epochs) {
      pool.cookie->epochs.push_back(std::move(epoch.epoch));
    }
  }
  for (VipDraft& vip : draft.vips) pool.vips.push_back(std::move(vip.vip));
  for (BackendDraft& backend : draft.backends) pool.backends.push_back(std::move(backend.backend));
  return pool;
}

Config Finish(BalancerDraft balancer, std::optional<Control> control,
              std::vector<PoolDraft> pools) {
  Config config;
  config.control = std::move(control);
  config.lb = std::move(balancer.balancer);
  for (PortDraft& port : balancer.ports) config.lb.ports.push_back(std::move(port.port));
  for (PoolDraft& pool : pools) config.pools.push_back(Finish(std::move(pool)));
  return config;
}

// Pools come from one place.
void CheckSource(const MapReader& file) {
  if (!file.IsMap()) return;
  const bool pools = file.Find("pools").has_value();
  const bool control = file.Find("control").has_value();
  if (pools && control) {
    file.Fail("control", "given beside pools; exactly one of them says which services there are");
  } else if (!pools && !control) {
    file.Fail("pools",
              "missing, and control too; exactly one of them says which services there are");
  }
}

Config Read(const YamlNode::Ptr& root, const KeyReader& read_key, Errors& errors) {
  const MapReader file(root, "", FileSection(), errors);
  BalancerDraft balancer;
  if (const auto map = file.Sub("balancer", BalancerSection())) balancer = ParseBalancer(*map);
  std::optional<Control> control;
  if (const auto map = file.Sub("control", ControlSection())) control = ParseControl(*map);
  CheckSource(file);
  std::vector<PoolDraft> pools;
  for (const MapReader& pool : file.Sections("pools", PoolSection())) {
    pools.push_back(ParsePool(pool, read_key));
  }
  for (PoolDraft& pool : pools) {
    CheckScheme(pool);
    CheckCookie(pool);
    CheckBackends(pool);
  }
  CheckPools(pools);
  CheckPorts(balancer.ports);
  CheckAddresses(balancer.ports, pools);
  return Finish(std::move(balancer), std::move(control), std::move(pools));
}

std::string Count(size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

}  // namespace

Expected<Config, Diagnostics> LoadText(const std::string& name, std::string_view text,
                                       const KeyReader& read_key) {
  Errors errors(name);
  if (text.size() > kMaxFileBytes) {
    return unexpected(
        Diagnostics{{name, 0, 0, "", fmt::format("longer than {} bytes", kMaxFileBytes)}});
  }
  const auto root = ParseYaml(text);
  if (!root) {
    errors.Add(root.error().at, "", root.error().message);
    return unexpected(std::move(errors).Take());
  }
  Config config = Read(*root, read_key, errors);
  if (!errors.empty()) return unexpected(std::move(errors).Take());
  return config;
}

Expected<Config, Diagnostics> LoadText(const std::string& name, std::string_view text,
                                       const std::string& key_directory) {
  return LoadText(name, text, KeyFilesIn(key_directory));
}

Expected<Config, Diagnostics> LoadFile(const std::string& path) {
  const auto file = ReadFile(path, kMaxFileBytes);
  if (!file) return unexpected(Diagnostics{{path, 0, 0, "", file.error().message}});
  return LoadText(path, file->bytes, std::filesystem::path(path).parent_path().string());
}

bool Check(const std::string& path, std::ostream& out) {
  const auto config = LoadFile(path);
  if (!config) {
    for (const Diagnostic& diagnostic : config.error()) out << ToString(diagnostic) << "\n";
    out << path << ": " << Count(config.error().size(), "error") << "\n";
    return false;
  }
  if (const auto& control = config->control) {
    const auto& address = control->address;
    out << path << ": valid: pools come from control at "
        << (address ? ToString(*address) : control->unix) << "\n";
    return true;
  }
  size_t backends = 0;
  for (const Pool& pool : config->pools) backends += pool.backends.size();
  out << path << ": valid: " << Count(config->pools.size(), "pool") << ", "
      << Count(backends, "backend") << "\n";
  return true;
}

}  // namespace joinery::settings
