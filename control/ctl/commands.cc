#include "control/ctl/commands.h"

#include <algorithm>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "control/ctl/generated.h"

namespace joinery::ctl {
namespace {

constexpr const char* kVersion = "joinctl 0.1.0";

void AddGenerated(CLI::App& app, Context& context) {
  CLI::App* completion = app.add_subcommand("completion", "Completion for a shell");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "For /usr/share/bash-completion/completions/joinctl")
      ->callback([&app, &context] { *context.out << BashCompletion(app); });
  completion->add_subcommand("zsh", "For a file _joinctl in $fpath")->callback([&app, &context] {
    *context.out << ZshCompletion(app);
  });
  app.add_subcommand("manual", "The manual page: joinctl manual | man -l -")
      ->callback([&app, &context] { *context.out << ManualPage(app); });
}

}  // namespace

void AddCommands(CLI::App& app, Context& context) {
  app.description("Shows and changes what Joinery's control plane does.");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", kVersion);
  app.add_option("--socket", context.socket, "Control's admin socket")->type_name("PATH");
  app.add_flag("--json", context.json, "Print control's answer as it is");
  AddShowCommands(app, context);
  AddExplainCommand(app, context);
  AddBackendCommands(app, context);
  AddGenerationCommands(app, context);
  AddConfigCommands(app, context);
  AddPkiCommands(app, context);
  AddGenerated(app, context);
}

Exit RunCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                    std::ostream& err) {
  Context context;
  context.out = &out;
  context.err = &err;
  CLI::App app("", "joinctl");
  AddCommands(app, context);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? Exit::kDone : Exit::kUsage;
  }
  return context.exit;
}

}  // namespace joinery::ctl
