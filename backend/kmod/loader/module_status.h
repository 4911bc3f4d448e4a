// What the module's device says, line by line ("name value"), as values. joinery_token_abi.h: text,
// never a key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "base/ids.h"

namespace joinery::kmod {

// The scheme that the module makes keys under.
struct ActiveScheme {
  PoolId pool;
  BackendId backend;
  Codepoint codepoint;
  Serial serial;

  friend bool operator==(const ActiveScheme&, const ActiveScheme&) noexcept = default;
};

struct ModuleStatus {
  uint64_t incarnation = 0;  // random at each load
  std::optional<ActiveScheme> scheme;
  uint32_t keys = 0;                         // sampled ahead
  std::map<std::string, uint64_t> counters;  // whatever else is a number, by its name
};

// Refuses text without an incarnation, and a scheme that lacks a part. Lines it does not know are
// no error: a newer module may say more.
[[nodiscard]] Expected<ModuleStatus> ParseStatus(std::string_view text);

}  // namespace joinery::kmod
