#include "control/ctl/generated.h"

#include <functional>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace joinery::ctl {
namespace {

using Visit = std::function<void(const CLI::App& command, const std::string& path)>;

// Each command with the words that lead to it: "", " status", " backends drain".
void Walk(const CLI::App& command, const std::string& path, const Visit& visit) {
  visit(command, path);
  for (const CLI::App* sub : command.get_subcommands({})) {
    Walk(*sub, path + " " + sub->get_name(), visit);
  }
}

std::vector<const CLI::App*> SubcommandsOf(const CLI::App& command) {
  return command.get_subcommands({});
}

// What may follow: subcommands, and options by their long names.
std::vector<std::string> WordsOf(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* sub : SubcommandsOf(command)) words.push_back(sub->get_name());
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

// The two `case` bodies that both shells understand.
std::string Steps(const CLI::App& app) {
  std::string text;
  Walk(app, "", [&](const CLI::App& command, const std::string& path) {
    for (const CLI::App* sub : SubcommandsOf(command)) {
      text += fmt::format("      \"{} {}\") path=\"$path $word\" ;;\n", path, sub->get_name());
    }
  });
  return text;
}

std::string Choices(const CLI::App& app) {
  std::string text;
  Walk(app, "", [&](const CLI::App& command, const std::string& path) {
    text += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, fmt::join(WordsOf(command), " "));
  });
  return text;
}

// A line of roff that begins with no control character and has no escapes of its own.
std::string Roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else
      escaped += c;
  }
  if (escaped.starts_with('.') || escaped.starts_with('\'')) escaped.insert(0, "\\&");
  return escaped;
}

std::string RoffOf(const CLI::Option& option) {
  const bool named = !option.get_lnames().empty();
  const std::string name = named ? "--" + option.get_lnames().front() : option.get_name(true);
  const std::string type = named ? option.get_type_name() : "";
  return fmt::format(".TP\n.B {}{}\n{}\n", Roff(name), type.empty() ? "" : " " + Roff(type),
                     Roff(option.get_description()));
}

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  return fmt::format(
      R"(# bash completion for joinctl; made by: joinctl completion bash
_joinctl() {{
  local path="" words="" word i cur=${{COMP_WORDS[COMP_CWORD]}}
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case "$path $word" in
{}    esac
  done
  case "$path" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ $cur == -* || ${{#COMPREPLY[@]}} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$cur"))
}}
complete -F _joinctl joinctl
)",
      Steps(app), Choices(app));
}

std::string ZshCompletion(const CLI::App& app) {
  return fmt::format(
      R"(#compdef joinctl
# zsh completion for joinctl; made by: joinctl completion zsh
_joinctl() {{
  local wanted="" words_of="" word i
  local -a typed=("${{words[@]}}")
  local path_of=""
  for ((i = 2; i < CURRENT; i++)); do
    word=$typed[i]
    local path=$path_of
    case "$path $word" in
{}    esac
    path_of=$path
  done
  local words=""
  case "$path_of" in
{}  esac
  compadd -- ${{=words}} || _files
}}
_joinctl "$@"
)",
      Steps(app), Choices(app));
}

std::string ManualPage(const CLI::App& app) {
  std::string text =
      ".TH JOINCTL 8\n.SH NAME\njoinctl \\- operate Joinery's control plane\n.SH SYNOPSIS\n"
      ".B joinctl\n[OPTIONS] COMMAND ...\n.SH DESCRIPTION\n";
  text += Roff(app.get_description()) + "\n.SH OPTIONS\n";
  Walk(app, "", [&](const CLI::App& command, const std::string& path) {
    if (!path.empty()) {
      text += fmt::format(".SS joinctl{}\n{}\n", Roff(path), Roff(command.get_description()));
    }
    for (const CLI::Option* option : command.get_options()) text += RoffOf(*option);
    if (!command.get_footer().empty()) text += ".PP\n" + Roff(command.get_footer()) + "\n";
    if (path.empty()) text += ".SH COMMANDS\n";
  });
  text += R"(.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
Refused, or a file is wrong; the message says why.
.TP
.B 2
The command line is wrong.
.TP
.B 3
Control does not answer.
.TP
.B 4
What \-\-wait waited for did not come in time; it may go on.
.SH FILES
.TP
.I /run/joinery/control.sock
Control's admin socket.
)";
  return text;
}

}  // namespace joinery::ctl
