#include <ctime>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "api/pki/pki.h"
#include "control/ctl/commands.h"
#include "control/ctl/table.h"

namespace joinery::ctl {
namespace {

struct Arguments {
  std::string directory = "pki";
  std::string name = "joinery";
  std::string identity;
  std::string out;
  uint32_t days = 0;
};

using Shared = std::shared_ptr<Arguments>;

constexpr uint32_t kAuthorityDays = 3650;
constexpr uint32_t kCertificateDays = 397;

std::optional<api::Identity> IdentityOf(Context& context, const std::string& text) {
  const std::string uri = text.starts_with("joinery:") ? text : "joinery:" + text;
  auto identity = api::ParseIdentity(uri);
  if (!identity) {
    Complain(context, Exit::kUsage,
             fmt::format("\"{}\" names nobody; expected control:NAME, balancer:NAME, "
                         "agent:POOL/BACKEND or operator:NAME",
                         text));
  }
  return identity;
}

std::string Day(int64_t seconds) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time_t{seconds}));
}

void Print(Context& context, const std::vector<api::Issued>& issued) {
  if (context.json) {
    *context.out << Body([&](api::JsonWriter& out) {
      out.Member("certificates").BeginArray();
      for (const api::Issued& one : issued) {
        out.BeginObject().Member("serial").String(one.serial);
        out.Member("identity").String(ToString(one.identity));
        out.Member("not_after_s").Integer(static_cast<uint64_t>(one.not_after_s));
        out.Member("revoked").Bool(one.revoked).EndObject();
      }
      out.EndArray();
    }) << "\n";
    return;
  }
  Table table({"IDENTITY", "ENDS", "REVOKED", "SERIAL"});
  for (const api::Issued& one : issued) {
    table.Add(
        {ToString(one.identity), Day(one.not_after_s), one.revoked ? "yes" : "no", one.serial});
  }
  *context.out << table.Text();
}

CLI::App* Add(CLI::App& group, const std::string& name, const std::string& meaning,
              const Shared& arguments) {
  CLI::App* command = group.add_subcommand(name, meaning);
  command->add_option("--dir", arguments->directory, "Where the authority is; default: pki")
      ->type_name("DIR");
  return command;
}

void AddInit(CLI::App& group, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  arguments->days = kAuthorityDays;
  CLI::App* command = Add(group, "init", "Make a certificate authority", arguments);
  command->add_option("--name", arguments->name, "What it calls itself")->type_name("NAME");
  command->add_option("--days", arguments->days, "How long it lasts")->type_name("DAYS");
  command->callback([&context, arguments] {
    const auto made = api::InitAuthority(arguments->directory, arguments->name, arguments->days);
    if (!made) return Complain(context, Exit::kRefused, made.error().message);
    if (context.json) return;
    *context.out << fmt::format(
        "{0}/ca.crt goes to everybody, {0}/ca.key stays here; next: joinctl pki issue\n",
        arguments->directory);
  });
}

void AddIssue(CLI::App& group, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  arguments->days = kCertificateDays;
  CLI::App* command = Add(group, "issue", "A certificate and its key", arguments);
  command
      ->add_option("IDENTITY", arguments->identity,
                   "control:NAME, balancer:NAME, agent:POOL/BACKEND or operator:NAME")
      ->required();
  command->add_option("--out", arguments->out, "Writes PATH.crt and PATH.key")
      ->type_name("PATH")
      ->required();
  command->add_option("--days", arguments->days, "How long it lasts")->type_name("DAYS");
  command->footer("Example: joinctl pki issue agent:web/b1 --out b1");
  command->callback([&context, arguments] {
    const auto identity = IdentityOf(context, arguments->identity);
    if (!identity) return;
    const auto issued =
        api::IssueCertificate(arguments->directory, *identity, arguments->days, arguments->out);
    if (!issued) return Complain(context, Exit::kRefused, issued.error().message);
    Print(context, {*issued});
  });
}

void AddRevokeAndList(CLI::App& group, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* revoke = Add(group, "revoke", "All certificates of an identity", arguments);
  revoke->add_option("IDENTITY", arguments->identity, "As it was issued")->required();
  revoke->footer(
      "Give DIR/revoked.pem to control (control.tls.revoked) and to all others after it.");
  revoke->callback([&context, arguments] {
    const auto identity = IdentityOf(context, arguments->identity);
    if (!identity) return;
    const auto revoked = api::RevokeCertificates(arguments->directory, *identity);
    if (!revoked) return Complain(context, Exit::kRefused, revoked.error().message);
    Print(context, *revoked);
  });
  const auto listed = std::make_shared<Arguments>();
  CLI::App* list = Add(group, "list", "What was issued", listed);
  list->callback([&context, listed] {
    const auto issued = api::ListCertificates(listed->directory);
    if (!issued) return Complain(context, Exit::kRefused, issued.error().message);
    Print(context, *issued);
  });
}

}  // namespace

void AddPkiCommands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("pki", "A certificate authority for those who have none");
  group->require_subcommand(1);
  AddInit(*group, context);
  AddIssue(*group, context);
  AddRevokeAndList(*group, context);
}

}  // namespace joinery::ctl
