#include "control/store/state_key.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/hex.h"
#include "control/store/files.h"

namespace joinery::control {

StateKey::StateKey(std::span<const uint8_t, kBytes> bytes) noexcept {
  std::ranges::copy(bytes, bytes_.begin());
}

Expected<StateKey> ReadStateKey(const std::string& path) {
  constexpr size_t kDigits = 2 * StateKey::kBytes;
  const std::string mend =
      fmt::format("make one with: (umask 077; openssl rand -hex {} > {})", StateKey::kBytes, path);
  auto file = SystemFiles().Read(path);
  if (!file) return Fail(fmt::format("state key \"{}\" {}", path, file.error().message));
  std::optional<std::string>& held = *file;
  if (!held) return Fail(fmt::format("state key \"{}\" is missing; {}", path, mend));
  std::string_view text = *held;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  auto bytes = FromHex(text);
  const bool good = bytes && text.size() == kDigits;
  crypto::Wipe(held->data(), held->size());
  if (!good) {
    return Fail(fmt::format("state key \"{}\" does not hold {} hexadecimal digits; {}", path,
                            kDigits, mend));
  }
  const StateKey key{std::span(*bytes).first<StateKey::kBytes>()};
  crypto::Wipe(bytes->data(), bytes->size());
  return key;
}

}  // namespace joinery::control
