// How a configuration gets at its secrets; a parameter, so that tests and fuzzers need no files.
#pragma once

#include <functional>
#include <string>

#include "base/expected.h"
#include "settings/config.h"

namespace joinery::settings {

// Gives the 16 bytes of the key file that the configuration names, or a sentence saying why not.
using KeyReader = std::function<Expected<Key128>(const std::string& path)>;

}  // namespace joinery::settings
