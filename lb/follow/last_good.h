// The last good views on disk: what a balancer goes on by when it starts and control does not
// answer. They hold keys, so the folder and its files are their owner's alone. A part is written
// whole or not at all, and is on the disk when Store returns.
//
// Each part has a file, scheme.view or load.view: one line with the format's number, the position
// and the SHA-256 of what follows, then the bytes as they came from control.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "api/position.h"
#include "base/expected.h"

namespace joinery::follow {

enum class Kind : uint8_t { kScheme, kLoad };

struct StoredPart {
  api::Stamp stamp;
  std::string bytes;
};

// What was stored in this folder, whether a balancer holds it or not. nullopt: nothing yet. An
// error says what is wrong with the file: cut off, changed, of another format, open to others.
[[nodiscard]] Expected<std::optional<StoredPart>> ReadStored(const std::string& directory,
                                                             Kind kind);

class LastGood {
 public:
  // Makes the folder with mode 0700 if it is not there. Refuses one that others can read or write,
  // and one that another process holds: two balancers would undo each other's.
  [[nodiscard]] static Expected<LastGood> Open(const std::string& directory);
  LastGood(LastGood&& other) noexcept;
  LastGood& operator=(LastGood&&) = delete;
  ~LastGood();

  // ReadStored of its folder.
  [[nodiscard]] Expected<std::optional<StoredPart>> Load(Kind kind) const {
    return ReadStored(directory_, kind);
  }

  // Replaces what was there. On an error what was there still is.
  [[nodiscard]] Expected<void> Store(Kind kind, const api::Stamp& stamp,
                                     std::string_view bytes) const;

  // Folder and files become this user's, for a process that will go on as that.
  [[nodiscard]] Expected<void> GiveTo(uid_t uid, gid_t gid) const;

 private:
  LastGood(std::string directory, int lock) : directory_(std::move(directory)), lock_(lock) {}

  std::string directory_;
  int lock_;  // of the file `lock` in it
};

}  // namespace joinery::follow
