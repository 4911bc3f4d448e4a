// Keys for tests without files.
#pragma once

#include "settings/key_reader.h"

namespace joinery::settings {

// A key that is made from the path, so that other paths have other keys; a path with "missing" in
// it has none.
[[nodiscard]] KeyReader FakeKeys();

}  // namespace joinery::settings
