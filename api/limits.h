// How much of each thing one message may hold. What a pool may hold is settings/limits.h's, for
// what the configuration refuses nobody sends.
#pragma once

#include <cstddef>

namespace joinery::api {

inline constexpr size_t kMaxGenerations = 7;  // codepoints of r = 3, less the reserved one
inline constexpr size_t kMaxBalancers = 1024;
inline constexpr size_t kMaxReasonBytes = 2048;  // longer ones are cut off where they are written
inline constexpr size_t kMaxGenerationUses = 64;
inline constexpr size_t kMaxFindings = 256;
inline constexpr size_t kMaxDetailBytes = 512;

}  // namespace joinery::api
