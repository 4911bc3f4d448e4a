#include "settings/errors.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace joinery::settings {

void Errors::Add(Position at, std::string path, std::string message) {
  if (found_.size() == kMaxDiagnostics) {
    full_ = true;
    return;
  }
  found_.push_back({file_, at.line, at.column, std::move(path), std::move(message)});
}

bool Errors::At(Position at) const noexcept {
  return std::ranges::any_of(found_, [at](const Diagnostic& d) {
    return Position{d.line, d.column} == at;
  });
}

std::vector<Diagnostic> Errors::Take() && {
  std::ranges::stable_sort(found_, {},
                           [](const Diagnostic& d) { return std::tuple(d.line, d.column); });
  if (full_) found_.push_back({file_, 0, 0, "", "too many errors; the rest is left out"});
  return std::move(found_);
}

}  // namespace joinery::settings
