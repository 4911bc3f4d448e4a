// joinctl's commands, each group in a file of its own. What is added is the only list of them:
// help, completion and the manual page are made from the tree.
#pragma once

#include "control/ctl/context.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace joinery::ctl {

// The app and the context outlive each other's use.
void AddShowCommands(CLI::App& app, Context& context);        // status, pools, lbs, agents, ...
void AddExplainCommand(CLI::App& app, Context& context);      // explain
void AddBackendCommands(CLI::App& app, Context& context);     // backends drain, ...
void AddGenerationCommands(CLI::App& app, Context& context);  // rotate, rollback, ...
void AddConfigCommands(CLI::App& app, Context& context);      // config check, diff, apply
void AddPkiCommands(CLI::App& app, Context& context);         // pki init, issue, revoke, list

// All of them, with the options that all share.
void AddCommands(CLI::App& app, Context& context);

// Parses and runs one command line, without the program's name in front.
[[nodiscard]] Exit RunCommandLine(const std::vector<std::string>& arguments, std::ostream& out,
                                  std::ostream& err);

}  // namespace joinery::ctl
