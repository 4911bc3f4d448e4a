// A configuration as text: every diagnostic prints and has its place; what is valid prints as YAML
// that loads again, as the same.
#include <algorithm>
#include <string_view>
#include <vector>

#include "settings/errors.h"
#include "settings/fake_keys.h"
#include "settings/load.h"
#include "settings/to_yaml.h"
#include "tests/fuzz/check.h"

namespace joinery::fuzz {
namespace {

bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c == '\x7f') return false;
  }
  return true;
}

void CheckDiagnostics(const std::vector<settings::Diagnostic>& found, std::string_view text) {
  Check(!found.empty(), "what is refused has a diagnostic");
  Check(found.size() <= settings::kMaxDiagnostics + 1, "diagnostics are bounded");
  const auto lines =
      1 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  for (const settings::Diagnostic& diagnostic : found) {
    const std::string printed = ToString(diagnostic);
    Check(IsPrintable(printed), "a diagnostic is fit for a terminal");
    Check(diagnostic.line <= lines + 1, "a diagnostic's line is in the file, or just behind it");
  }
}

void CheckRoundTrip(const settings::Config& config) {
  const std::string printed = ToYaml(config);
  const auto again = settings::LoadText("printed", printed, settings::FakeKeys());
  Check(again.has_value(), "what ToYaml prints is valid");
  Check(ToYaml(*again) == printed, "what ToYaml prints is the whole configuration");
}

void Feed(std::string_view text) {
  const auto config = settings::LoadText("input", text, settings::FakeKeys());
  if (config) {
    CheckRoundTrip(*config);
  } else {
    CheckDiagnostics(config.error(), text);
  }
}

}  // namespace
}  // namespace joinery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > UINT16_MAX) return 0;
  joinery::fuzz::Feed({reinterpret_cast<const char*>(data), size});
  return 0;
}
