// The module joinery_token, from outside: into the kernel, out of it, and its device.
// Errors carry the kernel's own reason where it gives one.
#pragma once

#include <string>

#include "backend/kmod/loader/abi.h"
#include "backend/kmod/loader/layout.h"
#include "base/expected.h"

namespace joinery::kmod {

inline constexpr const char* kModuleName = "joinery_token";
inline constexpr const char* kDevicePath = "/dev/" JOINERY_TOKEN_DEVICE;

// What an errno of finit_module(2) or delete_module(2) means for this module.
[[nodiscard]] std::string ModuleErrorText(int error);

// finit_module(2). selftest: the module first runs the shared vectors, and stays out on a failure.
[[nodiscard]] Expected<void> Load(const std::string& path, const RequestLayout& layout,
                                  bool selftest);
// delete_module(2), while connections go on: they keep their keys.
[[nodiscard]] Expected<void> Unload();

// When it returns, the keys made before are gone and none of them is still to be sent.
[[nodiscard]] Expected<void> WriteScheme(const joinery_token_scheme& scheme);

// State and counters: a line "name value" each.
[[nodiscard]] Expected<std::string> ReadStatus();

}  // namespace joinery::kmod
