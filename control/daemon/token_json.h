// What a token says, under the keys that control holds, without showing them: `joinctl token`.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"
#include "control/model/durable.h"

namespace joinery::control {

// `token`: up to 8 hexadecimal digits, with or without 0x. In every pool, or in one.
[[nodiscard]] Expected<std::string> TokenJson(const Durable& durable, std::string_view token,
                                              std::string_view pool);

}  // namespace joinery::control
