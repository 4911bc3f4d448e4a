// AES-256-GCM (NIST SP 800-38D) by OpenSSL, over whole strings.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "control/store/state_key.h"

namespace joinery::control {

using GcmNonce = std::array<uint8_t, 12>;
using GcmTag = std::array<uint8_t, 16>;

struct GcmSealed {
  std::string cipher;
  GcmTag tag{};
};

// `associated` is authenticated and not encrypted. Nothing when OpenSSL refuses.
[[nodiscard]] std::optional<GcmSealed> GcmEncrypt(const StateKey& key, const GcmNonce& nonce,
                                                  std::string_view associated,
                                                  std::string_view plain);
// Nothing unless key, nonce, associated text, cipher and tag belong together.
[[nodiscard]] std::optional<std::string> GcmDecrypt(const StateKey& key, const GcmNonce& nonce,
                                                    std::string_view associated,
                                                    std::string_view cipher, const GcmTag& tag);

}  // namespace joinery::control
