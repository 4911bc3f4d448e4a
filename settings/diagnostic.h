// One mistake in a configuration file, for the person who has to mend it.
#pragma once

#include <string>

namespace joinery::settings {

struct Diagnostic {
  std::string file;     // as the caller named it
  int line = 0;         // from 1; 0 when the file as a whole is meant
  int column = 0;       // from 1, in bytes
  std::string path;     // "pools[web].max_backends"; empty when no key is meant
  std::string message;  // "4096 is too large; allowed 1..1024"

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

// "joinery.yaml:14:20: pools[web].max_backends: 4096 is too large; allowed 1..1024"
[[nodiscard]] std::string ToString(const Diagnostic& diagnostic);

}  // namespace joinery::settings
