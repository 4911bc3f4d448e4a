#include "settings/key_file.h"

#include <algorithm>
#include <filesystem>
#include <string.h>
#include <utility>

#include <fmt/format.h>

#include <sys/stat.h>

#include "base/hex.h"
#include "settings/read_file.h"

namespace joinery::settings {
namespace {

constexpr size_t kDigits = 2 * Key128::kBytes;
constexpr size_t kMaxLineEnd = 2;  // "\r\n"
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

void Wipe(std::string& secret) { explicit_bzero(secret.data(), secret.size()); }

Expected<Key128> KeyOf(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (text.size() != kDigits) {
    return Fail(
        fmt::format("holds {} characters; expected {} hexadecimal digits", text.size(), kDigits));
  }
  auto bytes = FromHex(text);
  if (!bytes) return Fail(fmt::format("does not hold {} hexadecimal digits", kDigits));
  Key128::Bytes raw{};
  std::ranges::copy(*bytes, raw.begin());
  const Key128 key(raw);
  explicit_bzero(raw.data(), raw.size());
  explicit_bzero(bytes->data(), bytes->size());
  if (key == Key128{}) return Fail("holds only zeros, which is no secret");
  return key;
}

}  // namespace

Expected<Key128> ReadKeyFile(const std::string& path) {
  auto file = ReadFile(path, kDigits + kMaxLineEnd);
  if (!file) {
    return Fail(
        fmt::format("key file \"{}\" {}; make one with: (umask 077; openssl rand -hex {} > {})",
                    path, file.error().message, Key128::kBytes, path));
  }
  auto key = KeyOf(file->bytes);
  Wipe(file->bytes);
  if ((file->mode & kOthers) != 0) {
    return Fail(
        fmt::format("key file \"{}\" has mode {:04o}, so others may use it; mend: chmod 600 {}",
                    path, file->mode & 07777, path));
  }
  if (!key) return Fail(fmt::format("key file \"{}\" {}", path, key.error().message));
  return key;
}

KeyReader KeyFilesIn(std::string directory) {
  return [directory = std::move(directory)](const std::string& path) {
    return ReadKeyFile((std::filesystem::path(directory) / path).string());
  };
}

}  // namespace joinery::settings
