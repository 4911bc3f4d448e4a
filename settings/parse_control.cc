#include <string>
#include <string_view>

#include "settings/limits.h"
#include "settings/parse.h"

namespace joinery::settings {
namespace {

TlsFiles ParseTls(const MapReader& map) {
  TlsFiles files;
  ParsePath(map, "ca", kMaxTextBytes, files.ca);
  ParsePath(map, "certificate", kMaxTextBytes, files.certificate);
  ParsePath(map, "key", kMaxTextBytes, files.key);
  return files;
}

// Rules over several keys.
void CheckControl(const MapReader& map) {
  const bool by_unix = map.Find("unix").has_value();
  const bool by_address = map.Find("address").has_value();
  const bool with_tls = map.Find("tls").has_value();
  if (by_unix && by_address) {
    map.Fail("address", "given beside unix; exactly one of them says where the daemon is");
  } else if (!by_unix && !by_address) {
    map.Fail("unix", "missing, and address too; exactly one of them says where the daemon is");
  } else if (by_unix && with_tls) {
    map.Fail("tls", "a Unix socket has none; leave it out, or give address instead of unix");
  } else if (by_address && !with_tls) {
    map.Fail("tls", "missing; required with address");
  }
}

}  // namespace

void ParsePath(const MapReader& map, std::string_view key, size_t max_bytes, std::string& path) {
  const auto value = map.Find(key);
  if (!value) return;
  const auto text = value->Text();
  if (!text) return;
  path = *text;
  if (!path.starts_with('/')) value->Refuse("not an absolute path");
  if (path.size() > max_bytes) value->Refuse("too long for it");
}

Control ParseControl(const MapReader& map) {
  Control control;
  ParsePath(map, "unix", kMaxSocketPathBytes, control.unix);
  if (const auto value = map.Find("address")) control.address = value->AddressAndPort();
  if (const auto tls = map.Sub("tls", TlsSection())) control.tls = ParseTls(*tls);
  ParsePath(map, "state_dir", kMaxTextBytes, control.state_dir);
  if (map.IsMap()) CheckControl(map);
  return control;
}

}  // namespace joinery::settings
