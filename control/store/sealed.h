// The state as bytes of a file: one line that says what it is, then the body. With a key the body
// is encrypted by AES-256-GCM (NIST SP 800-38D), and the line is bound to it.
//
//   joinery-control-state 1 epoch=3 sequence=17 length=LENGTH cipher=none sha256=HEX
//   joinery-control-state 1 epoch=3 sequence=17 length=LENGTH cipher=aes-256-gcm nonce=HEX tag=HEX
//
// Numbers are decimal, LENGTH is the body's in bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "base/random.h"
#include "control/store/state_key.h"
#include "control/store/store.h"

namespace joinery::control {

// A nonce is 96 random bits; 2^32 images under one key are safe (SP 800-38D section 8.3).
[[nodiscard]] Expected<std::string> Seal(const StateImage& image,
                                         const std::optional<StateKey>& key, Random& random);

// The error says what the bytes are instead: foreign, of a newer version, cut off, changed,
// encrypted under another key. An image in clear opens with a key too.
[[nodiscard]] Expected<StateImage> Unseal(std::string_view bytes,
                                          const std::optional<StateKey>& key);

}  // namespace joinery::control
