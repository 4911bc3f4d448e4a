// What a balancer is told, as JSON. Keys travel as 32 hexadecimal digits: the texts are secrets, go
// to disk with mode 0600 only, and are printed nowhere. Unknown members are ignored, unknown words
// refused; an error names the path and never the value of a key:
// `pools[2].generations[0].serial: -1; expected an integer of 1..18446744073709551615`.
#pragma once

#include <string>
#include <string_view>

#include "api/balancer_view.h"
#include "base/expected.h"

namespace joinery::api {

// The same value always gives the same bytes.
[[nodiscard]] std::string ToJson(const SchemePart& part);
[[nodiscard]] std::string ToJson(const LoadPart& part);

// Checks all that the view itself can show: types, ranges, counts, token layout (s and r), unique
// pools, IDs, names, codepoints and serials. Not that the load part's IDs are in a scheme part.
[[nodiscard]] Expected<SchemePart> ParseSchemePart(std::string_view json);
[[nodiscard]] Expected<LoadPart> ParseLoadPart(std::string_view json);

}  // namespace joinery::api
