#include <fmt/format.h>

#include "backend/agent/core/core.h"

namespace joinery::agent {
namespace {

std::string Text(const api::Position& at) { return fmt::format("{}.{}", at.epoch, at.version); }

std::string Text(const KeepRecord& action) {
  std::string text = "keep record " + Text(action.record.view.at) + ", told";
  for (const ToldGeneration& told : action.record.told) {
    text += fmt::format(" {}:{}", told.codepoint.value(), told.serial.value());
  }
  if (action.record.told.empty()) text += " nothing";
  if (const auto& confirmed = action.record.confirmed) {
    text += fmt::format(", confirmed {} to incarnation {}", confirmed->serial.value(),
                        confirmed->incarnation);
  }
  return text;
}

std::string Text(const LoadEncoder& /*action*/) { return "load encoder"; }
std::string Text(const ReadEncoder& /*action*/) { return "read encoder"; }
std::string Text(const ClearEncoder& /*action*/) { return "clear encoder"; }

std::string Text(const EncodeUnder& under) {
  return fmt::format("{}:{} of pool {} as {}", under.generation.codepoint.value(),
                     under.generation.serial.value(), under.scheme.pool().value(),
                     under.id.value());
}

std::string Text(const SetEncoder& action) { return "set encoder " + Text(action.under); }

std::string Text(const LeaseUnder& action) {
  return action.under ? "lease under " + Text(*action.under) : "lease nothing";
}

std::string Text(const CountUses& action) {
  std::string text = "count uses of";
  for (const LiveGeneration& live : action.generations) {
    text += fmt::format(" {}:{}{}", live.codepoint.value(), live.serial.value(),
                        live.key ? "" : "?");  // the key is not known
  }
  return action.generations.empty() ? text + " nothing" : text;
}

std::string Text(const SendReport& action) {
  const api::AgentReport& report = action.report;
  std::string text = "report " + Text(report.view.at);
  if (report.rejected) text += ", rejected " + Text(report.rejected->at);
  text += report.incarnation == 0 ? ", no encoder"
                                  : fmt::format(", incarnation {}", report.incarnation);
  text += report.encoding ? fmt::format(" encoding {}", report.encoding->value())
                          : std::string(" encoding nothing");
  for (const api::GenerationUse& use : report.uses) {
    text += fmt::format(", {}: {} tokens {} keys", use.serial.value(), use.tokens, use.keys);
  }
  text += fmt::format(", {} connections", report.connections);
  for (const api::Finding& finding : report.findings) {
    if (!finding.ok) text += fmt::format(", {}: {}", finding.name, finding.detail);
  }
  return text;
}

std::string Text(const Say& action) {
  const char* level = action.level == Say::Level::kInfo      ? "info"
                      : action.level == Say::Level::kWarning ? "warning"
                                                             : "error";
  return fmt::format("{}: {}", level, action.text);
}

}  // namespace

std::string ToString(const Action& action) {
  return std::visit([](const auto& one) { return Text(one); }, action);
}

}  // namespace joinery::agent
