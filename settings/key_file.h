// Secrets of 16 bytes, each in a file of its own: 32 hexadecimal digits and at most a line end.
// Only the owner may have access to it, or it is refused: mode 0600 or 0400.
#pragma once

#include <string>

#include "base/expected.h"
#include "settings/config.h"
#include "settings/key_reader.h"

namespace joinery::settings {

// The error says how to mend the file and never shows what is in it.
[[nodiscard]] Expected<Key128> ReadKeyFile(const std::string& path);

// Reads the key files of a configuration in `directory`: other paths than absolute ones start
// there.
[[nodiscard]] KeyReader KeyFilesIn(std::string directory);

}  // namespace joinery::settings
