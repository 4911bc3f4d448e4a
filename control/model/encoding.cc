#include "control/model/encoding.h"

#include <algorithm>

namespace joinery::control {

Generation* Active(Pool& pool) noexcept {
  const auto found =
      std::ranges::find(pool.generations, GenerationState::kActive, &Generation::state);
  return found == pool.generations.end() ? nullptr : &*found;
}

Generation* Find(Pool& pool, Serial serial) noexcept {
  const auto found = std::ranges::find(pool.generations, serial, &Generation::serial);
  return found == pool.generations.end() ? nullptr : &*found;
}

Generation* EncodesUnder(Pool& pool, const Backend& backend) noexcept {
  const bool decoded =
      backend.state != BackendState::kAdded && backend.state != BackendState::kFailed;
  return decoded && !backend.flushing ? Active(pool) : nullptr;
}

const Generation* EncodesUnder(const Pool& pool, const Backend& backend) noexcept {
  return EncodesUnder(const_cast<Pool&>(pool), backend);  // changes nothing, as the const promises
}

}  // namespace joinery::control
