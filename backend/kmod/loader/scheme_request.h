// What an operator says about a scheme -> the struct that the module takes.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "backend/kmod/loader/abi.h"
#include "base/expected.h"
#include "settings/config.h"

namespace joinery::kmod {

// As given on the command line; names as in docs/protocol.md section 2.
struct SchemeFlags {
  uint32_t pool = 0;
  uint16_t id = 0;
  uint8_t r = 2;
  uint8_t s = 8;
  uint64_t serial = 1;
  uint8_t codepoint = 0;
  std::string algorithm = "ff1";  // or "plain"
};

// The key is ignored for plain. The error names the flag, the value and the range.
[[nodiscard]] Expected<joinery_token_scheme> SchemeFromFlags(const SchemeFlags& flags,
                                                             const settings::Key128& key);

// The active generation of the pool that has a backend of this name.
[[nodiscard]] Expected<joinery_token_scheme> SchemeFromConfig(const settings::Config& config,
                                                              const std::string& backend);

[[nodiscard]] joinery_token_scheme ClearRequest() noexcept;

}  // namespace joinery::kmod
