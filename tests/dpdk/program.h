// A running joinery-lb, as tests see it: what it is started with, what it says, how it ends.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace joinery::testing {

// A directory that goes with the object.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  // A path in it.
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void WriteFile(const std::string& path, const std::string& text);
// A key file, as settings want it: not readable by others.
void WriteKey(const std::string& path);
[[nodiscard]] std::string ReadFile(const std::string& path);

class Program {
 public:
  // Starts joinery-lb with these arguments; its output goes to `log`.
  Program(const std::vector<std::string>& arguments, std::string log);
  ~Program();  // kills it if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Output and errors so far.
  [[nodiscard]] std::string Said() const { return ReadFile(log_); }
  // Waits until it has said this, or has ended, or a deadline has passed; true if it said it.
  [[nodiscard]] bool Says(const std::string& text);
  void Signal(int signal) const;
  // Waits for its end and returns the exit status; -1 when it was killed by a signal or did not
  // end in time.
  [[nodiscard]] int Wait();

 private:
  [[nodiscard]] bool HasEnded();

  std::string log_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

// Runs joinery-lb to its end.
struct Outcome {
  int status = 0;
  std::string said;
};
[[nodiscard]] Outcome RunToEnd(const std::vector<std::string>& arguments,
                               const ScratchDirectory& directory);

}  // namespace joinery::testing
