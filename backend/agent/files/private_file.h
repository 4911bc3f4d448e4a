// Small files that must survive a crash at any moment: either the old content or the new one is
// there afterwards. Mode 0600; symbolic links are not followed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace joinery::agent {

// Writes PATH.new, syncs it, renames it over PATH and syncs the folder, which is made (mode 0700)
// if it is not there. When it returns without an error, the content survives a power cut.
[[nodiscard]] Expected<void> WriteDurably(const std::string& path, std::string_view content);

// The whole file; nullopt when there is none. Refuses one that others may read or write, and one
// longer than `max_bytes`.
[[nodiscard]] Expected<std::optional<std::string>> ReadPrivate(const std::string& path,
                                                               size_t max_bytes);

}  // namespace joinery::agent
