// The only door to a Config: YAML in, a validated model or every mistake at once out.
// docs/configuration.md is the reference of all keys. Keys never appear in a diagnostic.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "settings/config.h"
#include "settings/diagnostic.h"
#include "settings/key_reader.h"

namespace joinery::settings {

// Larger files are refused before they are parsed; 10,000 backends take about 1 MiB.
inline constexpr size_t kMaxFileBytes = size_t{4} << 20;

// Key files are found relative to the configuration file. Diagnostics are in the order of the file,
// never empty on failure.
[[nodiscard]] Expected<Config, std::vector<Diagnostic>> LoadFile(const std::string& path);

// The same for text that is already in memory; `name` stands for the file in diagnostics.
[[nodiscard]] Expected<Config, std::vector<Diagnostic>> LoadText(const std::string& name,
                                                                 std::string_view text,
                                                                 const std::string& key_directory);
[[nodiscard]] Expected<Config, std::vector<Diagnostic>> LoadText(const std::string& name,
                                                                 std::string_view text,
                                                                 const KeyReader& read_key);

// `joinery-lb --check FILE`: prints each diagnostic on its line and "FILE: 2 errors", or
// "FILE: valid: 1 pool, 3 backends". True when the file is valid.
[[nodiscard]] bool Check(const std::string& path, std::ostream& out);

}  // namespace joinery::settings
