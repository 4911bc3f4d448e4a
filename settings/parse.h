// One parser for each section of the file. Each reads what its own mapping says and reports what is
// wrong with single values; rules over several are in check.h. Nothing here stops at a mistake: a
// wrong value keeps its default.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "settings/draft.h"
#include "settings/key_reader.h"
#include "settings/yaml_reader.h"

namespace joinery::settings {

[[nodiscard]] BalancerDraft ParseBalancer(const MapReader& map);
[[nodiscard]] Control ParseControl(const MapReader& map);
[[nodiscard]] PortDraft ParsePort(const MapReader& map);
[[nodiscard]] PoolDraft ParsePool(const MapReader& map, const KeyReader& read_key);
[[nodiscard]] SchemeDraft ParseScheme(const MapReader& map, const KeyReader& read_key);
[[nodiscard]] CookieDraft ParseCookie(const MapReader& map, const KeyReader& read_key);
[[nodiscard]] VipDraft ParseVip(const MapReader& map);
[[nodiscard]] BackendDraft ParseBackend(const MapReader& map);

// Reads an absolute path, if the key is there.
void ParsePath(const MapReader& map, std::string_view key, size_t max_bytes, std::string& path);

// Reads the key file that the key names, if it is there; `name` and `secret` stay as they are when
// that fails.
void ParseKeyFile(const MapReader& map, std::string_view key, const KeyReader& read_key,
                  std::string& name, Key128& secret);

// A pool's table_size.
void ParseTableSize(const MapReader& map, uint32_t& slots);

}  // namespace joinery::settings
