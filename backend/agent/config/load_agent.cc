#include "backend/agent/config/load_agent.h"

#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "backend/agent/config/agent_keys.h"
#include "settings/errors.h"
#include "settings/limits.h"
#include "settings/read_file.h"
#include "settings/yaml_reader.h"

namespace joinery::agent {
namespace {

using settings::Diagnostic;
using settings::MapReader;
using settings::ValueReader;
using Diagnostics = std::vector<Diagnostic>;

constexpr size_t kMaxFileBytes = 64 << 10;

void ReadPath(const MapReader& map, std::string_view key, size_t max_bytes, std::string& path) {
  const auto value = map.Find(key);
  if (!value) return;
  const auto text = value->Text();
  if (!text) return;
  path = *text;
  if (!path.starts_with('/')) value->Refuse("not an absolute path");
  if (path.size() > max_bytes) value->Refuse("too long for it");
}

void ReadChecks(const MapReader& map, std::string_view key, std::set<Check>& checks) {
  for (const ValueReader& item : map.Items(key)) {
    const auto word = item.Word();
    if (word && !checks.insert(static_cast<Check>(*word)).second) item.Fail("named twice");
  }
}

void ReadAgent(const MapReader& map, AgentConfig& config) {
  map.Name("pool", config.pool);
  map.Name("backend", config.backend);
  ReadPath(map, "state_dir", settings::kMaxTextBytes, config.state_dir);
  ReadPath(map, "status_socket", settings::kMaxSocketPathBytes, config.status_socket);
  map.Word("log", config.log);
  map.EndpointOrOff("metrics", config.metrics);
  map.Number("report_s", config.report_s);
  map.Word("encoder", config.encoder);
  ReadPath(map, "module", settings::kMaxTextBytes, config.module);
  if (config.encoder == Encoder::kNone && map.Find("module")) {
    map.Fail("module", "given beside encoder: none, which needs no module");
  }
}

void ReadControl(const MapReader& map, ControlAddress& control) {
  ReadPath(map, "unix", settings::kMaxSocketPathBytes, control.unix);
  map.Text("address", control.address);
  const auto tls = map.Sub("tls", TlsFilesSection());
  if (tls) {
    ReadPath(*tls, "ca", settings::kMaxTextBytes, control.ca);
    ReadPath(*tls, "certificate", settings::kMaxTextBytes, control.certificate);
    ReadPath(*tls, "key", settings::kMaxTextBytes, control.key);
  }
  if (!map.IsMap()) return;
  const bool by_unix = map.Find("unix").has_value();
  const bool by_address = map.Find("address").has_value();
  if (by_unix == by_address) {
    map.Fail(by_unix ? "address" : "unix",
             fmt::format("{}; exactly one of unix and address says where control is",
                         by_unix ? "given beside unix" : "missing, and address too"));
  } else if (by_unix && tls) {
    map.Fail("tls", "a Unix socket has none");
  } else if (by_address && !tls) {
    map.Fail("tls", "missing; required with address");
  }
}

void ReadStacks(const MapReader& map, StackSettings& stacks) {
  ReadPath(map, "socket", settings::kMaxSocketPathBytes, stacks.socket);
  for (const ValueReader& item : map.Items("users")) {
    if (auto user = item.Text()) stacks.users.push_back(*std::move(user));
  }
  map.Number("quota", stacks.quota);
}

void ReadCheckSettings(const MapReader& map, CheckSettings& checks) {
  map.Number("every_s", checks.every_s);
  map.Number("min_mtu", checks.min_mtu);
  ReadPath(map, "fastopen_key_file", settings::kMaxTextBytes, checks.fastopen_key_file);
  ReadChecks(map, "fix", checks.fix);
  ReadChecks(map, "ignore", checks.ignore);
  for (const Check check : checks.fix) {
    if (checks.ignore.contains(check)) {
      map.Fail("fix", fmt::format("{} is ignored too", Name(check)));
    }
  }
}

AgentConfig Read(const settings::YamlNode::Ptr& root, settings::Errors& errors) {
  const MapReader file(root, "", AgentFileSection(), errors);
  AgentConfig config;
  if (const auto map = file.Sub("agent", AgentSection())) ReadAgent(*map, config);
  if (const auto map = file.Sub("control", ControlAddressSection())) {
    ReadControl(*map, config.control);
  }
  if (const auto map = file.Sub("stacks", StacksSection())) ReadStacks(*map, config.stacks);
  if (const auto map = file.Sub("checks", ChecksSection())) ReadCheckSettings(*map, config.checks);
  return config;
}

}  // namespace

Expected<AgentConfig, Diagnostics> LoadAgentText(const std::string& name, std::string_view text) {
  settings::Errors errors(name);
  const auto root = settings::ParseYaml(text);
  if (!root) {
    errors.Add(root.error().at, "", root.error().message);
    return unexpected(std::move(errors).Take());
  }
  AgentConfig config = Read(*root, errors);
  if (!errors.empty()) return unexpected(std::move(errors).Take());
  return config;
}

Expected<AgentConfig, Diagnostics> LoadAgentFile(const std::string& path) {
  const auto file = settings::ReadFile(path, kMaxFileBytes);
  if (!file) return unexpected(Diagnostics{{path, 0, 0, "", file.error().message}});
  return LoadAgentText(path, file->bytes);
}

bool CheckAgentFile(const std::string& path, std::ostream& out) {
  const auto config = LoadAgentFile(path);
  if (config) {
    out << path << ": valid\n";
    return true;
  }
  for (const Diagnostic& diagnostic : config.error()) out << ToString(diagnostic) << "\n";
  const size_t count = config.error().size();
  out << path << ": " << count << (count == 1 ? " error\n" : " errors\n");
  return false;
}

}  // namespace joinery::agent
