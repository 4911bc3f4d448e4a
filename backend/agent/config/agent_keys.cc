#include "backend/agent/config/agent_keys.h"

#include <fmt/format.h>

#include "backend/agent/config/agent_config.h"
#include "settings/key_rows.h"
#include "settings/key_words.h"
#include "settings/limits.h"
#include "settings/words.h"

namespace joinery::agent {
namespace {

using settings::Key;
using settings::kNameType;
using settings::kSectionType;
using settings::kWordType;
using settings::Number;
using settings::Section;

constexpr std::string_view kEncoderWords[] = {"kernel", "none"};
constexpr size_t kMaxUsers = 64;

Key Path(std::string_view name, std::string fallback, std::string_view meaning) {
  return {.name = name,
          .type = "path",
          .allowed = "an absolute path",
          .fallback = std::move(fallback),
          .meaning = meaning};
}

Key Socket(std::string_view name, std::string fallback, std::string_view meaning) {
  Key key = Path(name, std::move(fallback), meaning);
  key.allowed = fmt::format("an absolute path of at most {} bytes", settings::kMaxSocketPathBytes);
  return key;
}

Key Sub(std::string_view name, std::string fallback, std::string_view meaning) {
  const bool required = fallback.empty();
  return {.name = name,
          .type = kSectionType,
          .allowed = "a mapping",
          .fallback = std::move(fallback),
          .required = required,
          .meaning = meaning};
}

Key Checks(std::string_view name, std::string_view meaning) {
  return {.name = name,
          .type = "list of words",
          .words = kCheckNames,
          .max_items = std::size(kCheckNames),
          .fallback = "[]",
          .meaning = meaning};
}

Key Name(std::string_view name, std::string_view meaning) {
  return {.name = name,
          .type = kNameType,
          .allowed = settings::NameRule(),
          .fallback = "as control says",
          .meaning = meaning};
}

}  // namespace

const Section& AgentFileSection() {
  static const Section section{
      .path = "",
      .meaning = "The whole file.",
      .keys = {
          Sub("agent", "all defaults", "The program on this machine."),
          Sub("control", "", "The control daemon that it follows."),
          Sub("stacks", "nothing is leased", "Leases for MPTCP stacks in user space."),
          Sub("checks", "all defaults", "What the server needs besides."),
      }};
  return section;
}

const Section& AgentSection() {
  static const AgentConfig model;
  static const Section section{
      .path = "agent",
      .meaning = "What belongs to this machine.",
      .keys = {
          Name("pool", "A view of another pool is refused."),
          Name("backend", "A view of another backend is refused."),
          Path("state_dir", model.state_dir,
               "What must survive a reboot: the position in the sequence of views, the serial of "
               "each codepoint. No key. Made with mode 0700."),
          Socket("status_socket", model.status_socket,
                 "Unix socket for `joinery-agent status`; for root and the agent's user."),
          {.name = "log",
           .type = kWordType,
           .words = settings::WordsOf<settings::Log>(),
           .fallback = "text",
           .meaning = "Lines for people, or one JSON object a line."},
          settings::MetricsKey(model.metrics),
          Number("report_s", "seconds", 1, 60, model.report_s,
                 "How often control hears from this backend. Longer finds drained generations "
                 "later."),
          {.name = "encoder",
           .type = kWordType,
           .words = kEncoderWords,
           .fallback = "kernel",
           .meaning = "`kernel`: the module joinery_token makes the keys of kernel sockets. "
                      "`none`: only stacks in user space make tokens here."},
          Path("module", "/lib/modules/RELEASE/extra/joinery_token.ko",
               "The module, loaded when it is not there; with `encoder: kernel`."),
      }};
  return section;
}

const Section& ControlAddressSection() {
  static const Section section{
      .path = "control",
      .meaning = "Where control is: exactly one of `unix` and `address`.",
      .keys = {
          Socket("unix", "none", "Control's socket for this backend, on the same machine."),
          {.name = "address",
           .type = "text",
           .allowed = "HOST:PORT, such as control.example:7443 or [2001:db8::5]:7443",
           .fallback = "none",
           .meaning = "Over mutual TLS 1.3; who control is says its certificate, not its address."},
          Sub("tls", "none", "Required with `address`."),
      }};
  return section;
}

const Section& TlsFilesSection() {
  static const Section section{
      .path = "control.tls",
      .meaning =
          "PEM files (`joinctl pki issue` makes them). The certificate names "
          "`joinery:agent:POOL/BACKEND`.",
      .keys = {
          {.name = "ca",
           .type = "path",
           .allowed = "an absolute path",
           .required = true,
           .meaning = "Whose certificates are believed."},
          {.name = "certificate",
           .type = "path",
           .allowed = "an absolute path",
           .required = true,
           .meaning = "The agent's own, with its chain."},
          {.name = "key",
           .type = "path",
           .allowed = "an absolute path",
           .required = true,
           .meaning = "Its private key; readable by its owner alone."},
      }};
  return section;
}

const Section& StacksSection() {
  static const StackSettings model;
  static const Section section{.path = "stacks",
                               .meaning =
                                   "A Unix socket where programs lease ready tokens, or keys "
                                   "(`tokenmap/tokenmap.h`). Scheme keys never pass there.",
                               .keys = {
                                   {.name = "socket",
                                    .type = "path",
                                    .allowed = fmt::format("an absolute path of at most {} bytes",
                                                           settings::kMaxSocketPathBytes),
                                    .required = true,
                                    .meaning = "Made with mode 0666: the list of users decides."},
                                   {.name = "users",
                                    .type = "list of texts",
                                    .min_items = 1,
                                    .max_items = kMaxUsers,
                                    .allowed = "a user's name or number",
                                    .required = true,
                                    .meaning = "Who may lease; root too must be named."},
                                   Number("quota", "tokens and keys", 1, 1 << 20, model.quota,
                                          "What one user may hold at once."),
                               }};
  return section;
}

const Section& ChecksSection() {
  static const CheckSettings model;
  static const Section section{
      .path = "checks",
      .meaning = "Each check is a row of the report to control, under the names below.",
      .keys = {
          Number("every_s", "seconds", 1, 3600, model.every_s,
                 "How often the server is looked at."),
          Number("min_mtu", "bytes", settings::kMinMtu, settings::kMaxMtu, model.min_mtu,
                 "What interfaces must carry. With tunnels rather 1548 than smaller segments."),
          Path("fastopen_key_file", "none",
               "The pool's TCP Fast Open key, as the sysctl prints it, in a file for its owner "
               "alone: the same on all backends."),
          Checks("fix", "Put right without being asked, where that is safe."),
          Checks("ignore", "Not looked at."),
      }};
  return section;
}

std::string ReferenceTables() {
  std::string out;
  for (const Section* section : {&AgentFileSection(), &AgentSection(), &ControlAddressSection(),
                                 &TlsFilesSection(), &StacksSection(), &ChecksSection()}) {
    out += section->path.empty() ? "### The file\n\n" : fmt::format("### `{}`\n\n", section->path);
    out += section->meaning;
    out += "\n\n| key | type | values | default | meaning |\n|---|---|---|---|---|\n";
    for (const Key& key : section->keys) {
      const bool names_checks = key.words.data() == kCheckNames;
      const std::string values = names_checks ? "names of checks" : settings::Allowed(key);
      out += fmt::format("| `{}` | {}{}{} | {} | {} | {} |\n", key.name, key.type,
                         key.unit.empty() ? "" : ", ", key.unit, values,
                         key.required ? "required" : key.fallback, key.meaning);
    }
    out += "\n";
  }
  out += "### Checks\n\n| name | holds when |\n|---|---|\n";
#define X(constant, name, meaning) out += fmt::format("| `{}` | {} |\n", name, meaning);
  JOINERY_AGENT_CHECKS(X)
#undef X
  return out;
}

}  // namespace joinery::agent
