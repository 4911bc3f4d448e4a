// Files that appear whole or not at all, and on disk before the call returns.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/expected.h"

namespace joinery::api {

// An error when `path` exists.
[[nodiscard]] Expected<void> WriteNewFile(const std::string& path, std::string_view bytes,
                                          mode_t mode);
// In its place, if there is one.
[[nodiscard]] Expected<void> ReplaceFile(const std::string& path, std::string_view bytes,
                                         mode_t mode);

}  // namespace joinery::api
