// A whole regular file as bytes, bounded.
#pragma once

#include <cstddef>
#include <string>

#include <sys/types.h>

#include "base/expected.h"

namespace joinery::settings {

struct FileBytes {
  std::string bytes;
  mode_t mode = 0;  // as stat(2) gives it
};

// Refuses what is no regular file (a directory, a pipe that would block) and what is longer than
// `max_bytes`; the error is a sentence without the path.
[[nodiscard]] Expected<FileBytes> ReadFile(const std::string& path, size_t max_bytes);

}  // namespace joinery::settings
