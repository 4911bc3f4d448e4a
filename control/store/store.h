// Where the control daemon's state lives between its starts: one image, replaced as a whole. The
// file store is the default; a store that several controllers share (etcd) has the same door.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/expected.h"

namespace joinery::control {

struct StateImage {
  uint64_t epoch = 0;     // of the last start; grows by 1 at each
  uint64_t sequence = 0;  // of this image; the store counts it up
  std::string body;       // the model's durable part as JSON (state_json.h); it holds keys
};

class Store {
 public:
  virtual ~Store() = default;

  // Nothing: a first start. An error: what is wrong with what is there, and what mends it.
  [[nodiscard]] virtual Expected<std::optional<StateImage>> Load() = 0;

  // On success the image is durable and Load gives it, whatever happens to this process or this
  // machine from now on. On failure Load gives this one or the one before, and the caller must not
  // act on what it could not store.
  [[nodiscard]] virtual Expected<void> Save(uint64_t epoch, const std::string& body) = 0;
};

}  // namespace joinery::control
