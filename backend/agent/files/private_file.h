// The agent's small files, which nobody else may use: mode 0600; symbolic links are not followed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace joinery::agent {

// Durably: after a crash the old content or the new one is there. Makes the folder (mode 0700) if
// it is not there.
[[nodiscard]] Expected<void> WritePrivate(const std::string& path, std::string_view content);

// The whole file; nullopt when there is none. Refuses one that others may read or write, and one
// longer than `max_bytes`.
[[nodiscard]] Expected<std::optional<std::string>> ReadPrivate(const std::string& path,
                                                               size_t max_bytes);

}  // namespace joinery::agent
