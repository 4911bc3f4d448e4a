#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "control/ctl/commands.h"
#include "control/ctl/plan_text.h"
#include "settings/load_control.h"

namespace joinery::ctl {
namespace {

struct Arguments {
  std::string file;
  bool force = false;
};

void PrintPlan(Context& context, const api::Answer& answer, bool applied) {
  if (context.json) {
    *context.out << answer.body << "\n";
    return;
  }
  const auto text = PlanText(answer.body, applied);
  if (!text) return Complain(context, Exit::kRefused, text.error().message);
  *context.out << *text;
}

void Diff(Context& context, const Arguments& arguments) {
  std::string body;
  if (!arguments.file.empty()) {
    std::ifstream file(arguments.file, std::ios::binary);
    if (!file) return Complain(context, Exit::kRefused, arguments.file + ": cannot be opened");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    body = Body([&](api::JsonWriter& out) {
      out.Member("name").String(arguments.file).Member("text").String(text);
    });
  }
  const auto answer =
      Ask(context, "POST", fmt::format("/v1/config/diff?force={}", arguments.force ? 1 : 0), body);
  if (!answer) return;
  PrintPlan(context, *answer, false);
}

void Apply(Context& context, bool force) {
  const auto answer = Ask(context, "POST", fmt::format("/v1/config/apply?force={}", force ? 1 : 0));
  if (answer) PrintPlan(context, *answer, true);
}

}  // namespace

void AddConfigCommands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("config", "The configuration file");
  group->require_subcommand(1);
  const auto checked = std::make_shared<Arguments>();
  CLI::App* check = group->add_subcommand("check", "What is wrong with a file; asks nobody");
  check->add_option("FILE", checked->file, "The file")->required();
  check->callback([&context, checked] {
    const bool valid = settings::CheckControlFile(checked->file, *context.out);
    context.exit = valid ? Exit::kDone : Exit::kRefused;
  });
  const auto compared = std::make_shared<Arguments>();
  CLI::App* diff = group->add_subcommand("diff", "What applying it would change and put at risk");
  diff->add_option("FILE", compared->file, "Another file than control's own");
  diff->add_flag("--force", compared->force, "As apply --force would");
  diff->callback([&context, compared] { Diff(context, *compared); });
  const auto applied = std::make_shared<Arguments>();
  CLI::App* apply = group->add_subcommand("apply", "Make control's own file its configuration");
  apply->add_flag("--force", applied->force, "Although connections or tokens break");
  apply->footer("SIGHUP to joinery-control does the same, without --force.");
  apply->callback([&context, applied] { Apply(context, applied->force); });
}

}  // namespace joinery::ctl
