// The version of the messages' schema, a member "schema" of each. Control of schema N speaks to
// balancers and agents of N-1 and N; unknown members are ignored, unknown words (a state, an
// algorithm) refuse the message.
#pragma once

#include <cstdint>

namespace joinery::api {

inline constexpr uint32_t kSchema = 1;
inline constexpr uint32_t kOldestSchema = 1;

}  // namespace joinery::api
