// The file operations of the file store, so that a test can make each of them fail or crash the
// machine after it. Errors are sentences without the path.
#pragma once

#include <optional>
#include <string>

#include "base/expected.h"

namespace joinery::control {

class Files {
 public:
  virtual ~Files() = default;

  // The whole file; nothing when there is none. Refuses what is no regular file, belongs to another
  // user than this process's, lets others in, or is longer than kMaxStateBytes.
  [[nodiscard]] virtual Expected<std::optional<std::string>> Read(const std::string& path) = 0;
  // Creates the file anew with mode 0600. Not durable before Sync.
  [[nodiscard]] virtual Expected<void> Write(const std::string& path, const std::string& bytes) = 0;
  [[nodiscard]] virtual Expected<void> Sync(const std::string& path) = 0;
  // Replaces `to` at once. Not durable before SyncFolder.
  [[nodiscard]] virtual Expected<void> Rename(const std::string& from, const std::string& to) = 0;
  // Makes the names in the file's folder durable.
  [[nodiscard]] virtual Expected<void> SyncFolder(const std::string& path) = 0;
};

inline constexpr size_t kMaxStateBytes = size_t{256} << 20;

class SystemFiles final : public Files {
 public:
  [[nodiscard]] Expected<std::optional<std::string>> Read(const std::string& path) override;
  [[nodiscard]] Expected<void> Write(const std::string& path, const std::string& bytes) override;
  [[nodiscard]] Expected<void> Sync(const std::string& path) override;
  [[nodiscard]] Expected<void> Rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Expected<void> SyncFolder(const std::string& path) override;
};

}  // namespace joinery::control
