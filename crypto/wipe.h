// Forgetting secrets: a store that the compiler may not leave out.
#pragma once

#include <cstring>
#include <span>
#include <type_traits>

namespace joinery::crypto {

// Zeroes the bytes. Copies in registers and in freed stack frames are out of its reach.
inline void Wipe(void* bytes, size_t size) noexcept { explicit_bzero(bytes, size); }

// The object's own bytes, not what it points to.
template <typename T>
  requires std::is_trivially_copyable_v<T> && (!std::is_pointer_v<T>)
void Wipe(T& object) noexcept {
  Wipe(&object, sizeof object);
}

}  // namespace joinery::crypto
