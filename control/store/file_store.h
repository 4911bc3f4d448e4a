// The store in one file, replaced atomically: written beside it, made durable, renamed, and the
// folder made durable. Private to the daemon's user. A kill at any instruction, or a power cut,
// leaves the image before or after.
//
// A second file, PATH.mark, remembers the newest sequence and epoch. It is written after the image,
// so an image that is older than the mark was put there by somebody: a restored backup. That one is
// refused unless the operator says that he means it. Who restores both files is not recognised
// here; then the reports of balancers and agents show it (docs/protocol.md section 3, I8).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/expected.h"
#include "base/random.h"
#include "control/store/files.h"
#include "control/store/state_key.h"
#include "control/store/store.h"

namespace joinery::control {

class FileStore final : public Store {
 public:
  struct Options {
    std::string path;
    std::optional<StateKey> key = {};
    bool accept_older = false;  // an image older than the mark is taken; its epoch is the mark's
  };

  // `files` and `random` outlive the store. Nothing is read or locked yet.
  FileStore(Options options, Files& files, Random& random);

  [[nodiscard]] Expected<std::optional<StateImage>> Load() override;
  [[nodiscard]] Expected<void> Save(uint64_t epoch, const std::string& body) override;

 private:
  struct Mark {
    uint64_t epoch = 0;
    uint64_t sequence = 0;
  };

  [[nodiscard]] Expected<void> Replace(const std::string& path, const std::string& bytes,
                                       bool durable);
  [[nodiscard]] Mark ReadMark();
  void WriteMark(const Mark& mark);

  Options options_;
  Files* files_;
  Random* random_;
  uint64_t sequence_ = 0;
};

// Holds PATH.lock while it lives, so that no second daemon writes the same state.
class StateLock {
 public:
  [[nodiscard]] static Expected<StateLock> Take(const std::string& state_path);
  StateLock(StateLock&& other) noexcept;
  StateLock& operator=(StateLock&&) = delete;
  StateLock(const StateLock&) = delete;
  StateLock& operator=(const StateLock&) = delete;
  ~StateLock();

 private:
  explicit StateLock(int fd) noexcept : fd_(fd) {}
  int fd_;
};

}  // namespace joinery::control
