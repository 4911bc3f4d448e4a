// What control reads: its state file, the operator's commands and its configuration. The first byte
// says which the rest is. What is accepted writes as the same; what is refused prints.
#include <string>
#include <string_view>

#include "control/daemon/command_json.h"
#include "control/store/sealed.h"
#include "control/store/state_json.h"
#include "settings/load_control.h"
#include "tests/fuzz/check.h"

namespace joinery::fuzz {
namespace {

void CheckPrintable(const std::string& text) {
  for (const char c : text) Check(c >= ' ' && c != '\x7f', "an error is fit for a terminal");
  Print(text);
}

void FeedState(std::string_view text) {
  const auto durable = control::ParseDurable(text);
  if (!durable) return CheckPrintable(durable.error().message);
  const std::string printed = control::ToJson(*durable);
  const auto again = control::ParseDurable(printed);
  Check(again.has_value(), "what ToJson wrote, the parser accepts");
  Check(control::ToJson(*again) == printed, "what ToJson wrote is the whole state");
}

void FeedFile(std::string_view text) {
  const auto image = control::Unseal(text, std::nullopt);
  if (!image) return CheckPrintable(image.error().message);
  SeededRandom random(1);
  const auto sealed = control::Seal(*image, std::nullopt, random);
  const auto again = control::Unseal(*sealed, std::nullopt);
  Check(again && again->body == image->body && again->sequence == image->sequence,
        "a sealed image opens as the same");
}

void FeedCommand(std::string_view text) {
  for (const control::CommandInfo& command : control::Commands()) {
    const auto event = control::ParseCommand(command.name, text);
    if (!event) CheckPrintable(event.error().message);
  }
}

void FeedConfig(std::string_view text) {
  const auto config = settings::LoadControlText("c.yaml", text);
  if (config) return;
  for (const settings::Diagnostic& diagnostic : config.error()) {
    CheckPrintable(ToString(diagnostic));
  }
}

void Feed(uint8_t kind, std::string_view text) {
  switch (kind % 4) {
    case 0:
      return FeedState(text);
    case 1:
      return FeedFile(text);
    case 2:
      return FeedCommand(text);
    default:
      return FeedConfig(text);
  }
}

}  // namespace
}  // namespace joinery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  joinery::fuzz::Feed(data[0], {reinterpret_cast<const char*>(data + 1), size - 1});
  return 0;
}
