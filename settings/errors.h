// Collects the mistakes of one file, so that all are told at once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "settings/diagnostic.h"
#include "settings/yaml_tree.h"

namespace joinery::settings {

// A file with more mistakes than this is another kind of file; the last diagnostic says so.
inline constexpr size_t kMaxDiagnostics = 100;

class Errors {
 public:
  explicit Errors(std::string file) : file_(std::move(file)) {}

  void Add(Position at, std::string path, std::string message);

  [[nodiscard]] bool empty() const noexcept { return found_.empty(); }
  // Whether the value there is known to be wrong; what follows from it is then not reported.
  [[nodiscard]] bool At(Position at) const noexcept;

  // In the order of the file.
  [[nodiscard]] std::vector<Diagnostic> Take() &&;

 private:
  std::string file_;
  std::vector<Diagnostic> found_;
  bool full_ = false;
};

}  // namespace joinery::settings
