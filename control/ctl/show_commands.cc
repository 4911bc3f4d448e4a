#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "api/json_reader.h"
#include "api/position_text.h"
#include "control/ctl/commands.h"
#include "control/ctl/status_text.h"

namespace joinery::ctl {
namespace {

using api::JsonValue;

constexpr size_t kMaxEvents = 65'536;
constexpr size_t kMaxText = 65'536;
constexpr std::chrono::seconds kEventWait{50};

// Prints the status as it came, or as `text` makes it.
void Show(Context& context, const std::function<std::string(const StatusView&)>& text) {
  if (context.json) {
    if (const auto answer = Ask(context, "GET", "/v1/status")) *context.out << answer->body << "\n";
    return;
  }
  if (const auto status = AskStatus(context)) *context.out << text(*status);
}

void AddView(CLI::App& app, Context& context, const std::string& name, const std::string& meaning,
             std::string (*text)(const StatusView&)) {
  app.add_subcommand(name, meaning)->callback([&context, text] { Show(context, text); });
}

void AddViewOfPool(CLI::App& app, Context& context, const std::string& name,
                   const std::string& meaning,
                   std::string (*text)(const StatusView&, const std::string&)) {
  CLI::App* command = app.add_subcommand(name, meaning);
  const auto pool = std::make_shared<std::string>();
  command->add_option("--pool", *pool, "Only of this pool")->type_name("POOL");
  command->callback([&context, pool, text] {
    Show(context, [&](const StatusView& status) { return text(status, *pool); });
  });
}

// Those that are newer than `last`, which follows.
Expected<void> PrintEvents(Context& context, const std::string& body, uint64_t& last) {
  return api::ReadJson(body, [&](const JsonValue& value) {
    value["events"].Each(kMaxEvents, [&](const JsonValue& event) {
      const auto number = event["number"].Integer<uint64_t>();
      if (number <= last) return;
      last = number;
      const std::string time = event["time"].Text(kMaxText);
      const std::string severity = event["severity"].Text(kMaxText);
      const std::string text = event["text"].Text(kMaxText);
      if (context.json) {
        *context.out << Body([&](api::JsonWriter& out) {
          out.Member("number").Integer(number).Member("time").String(time);
          out.Member("severity").String(severity).Member("text").String(text);
        }) << "\n";
      } else {
        *context.out << fmt::format("{} {:<7} {}\n", time, severity, text);
      }
    });
  });
}

void Events(Context& context, bool follow) {
  uint64_t last = 0;
  uint64_t epoch = 0;
  std::string target = "/v1/events?wait_s=1";
  do {
    const auto answer = Ask(context, "GET", target, {}, 2 * kEventWait);
    if (!answer) return;
    if (const std::optional<api::Position>& at = answer->position) {
      if (at->epoch != epoch) last = 0;  // control has started anew
      epoch = at->epoch;
      target = fmt::format("/v1/events?after={}&wait_s={}", api::ToString(*at), kEventWait.count());
    }
    if (answer->body.empty()) continue;
    if (const auto printed = PrintEvents(context, answer->body, last); !printed) {
      Complain(context, Exit::kRefused, printed.error().message);
      return;
    }
    context.out->flush();
  } while (follow);
}

std::string DecodedText(const JsonValue& value) {
  std::string text = value["token"].Text(kMaxText) + "\n";
  value["pools"].Each(kMaxEvents, [&](const JsonValue& pool) {
    const std::string status = pool["status"].Text(kMaxText);
    text += fmt::format("  pool {}: ", pool["pool"].Text(kMaxText));
    if (status == "reserved") {
      text += "reserved codepoint: made by a backend without a scheme\n";
    } else if (status == "no_generation") {
      text += fmt::format("no generation is live under codepoint {}\n",
                          pool["codepoint"].Integer<uint32_t>());
    } else {
      text += fmt::format("generation {} ({}), ID {}: ", pool["serial"].Integer<uint64_t>(),
                          pool["generation"].Text(kMaxText), pool["id"].Integer<uint32_t>());
      text += pool["backend"].HasValue() ? fmt::format("{} ({})\n", pool["backend"].Text(kMaxText),
                                                       pool["state"].Text(kMaxText))
                                         : "no backend has it\n";
    }
  });
  return text;
}

void DecodeToken(Context& context, const std::string& token, const std::string& pool) {
  const auto answer = Ask(
      context, "GET", fmt::format("/v1/tokens/{}{}", token, pool.empty() ? "" : "?pool=" + pool));
  if (!answer) return;
  if (context.json) {
    *context.out << answer->body << "\n";
    return;
  }
  std::string text;
  const auto read =
      api::ReadJson(answer->body, [&](const JsonValue& value) { text = DecodedText(value); });
  if (!read) return Complain(context, Exit::kRefused, read.error().message);
  *context.out << text;
}

void AddToken(CLI::App& app, Context& context) {
  CLI::App* token = app.add_subcommand("token", "What a token says");
  token->require_subcommand(1);
  CLI::App* decode = token->add_subcommand("decode", "Generation and backend of a token");
  const auto text = std::make_shared<std::string>();
  const auto pool = std::make_shared<std::string>();
  decode->add_option("TOKEN", *text, "8 hexadecimal digits")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& given) {
            const bool hex = given.find_first_not_of("0123456789abcdefABCDEFxX") == given.npos;
            return hex ? std::string() : given + " is no token; expected 8 hexadecimal digits";
          },
          ""));
  decode->add_option("--pool", *pool, "Only of this pool")->type_name("POOL");
  decode->footer("Example: joinctl token decode 0x9c3a01f7");
  decode->callback([&context, text, pool] { DecodeToken(context, *text, *pool); });
}

}  // namespace

void AddShowCommands(CLI::App& app, Context& context) {
  AddView(app, context, "status", "What needs a person, and each pool on a line", StatusText);
  AddView(app, context, "pools", "The pools", PoolsText);
  AddViewOfPool(app, context, "generations", "Generations of the token schemes", GenerationsText);
  AddView(app, context, "lbs", "The balancers, their leases and what they hold", BalancersText);
  AddViewOfPool(app, context, "agents", "The backends' agents and what they found", AgentsText);
  CLI::App* events =
      app.add_subcommand("events", "What has happened, and what happens from now on");
  const auto once = std::make_shared<bool>(false);
  events->add_flag("--once", *once, "Only what has happened");
  events->callback([&context, once] { Events(context, !*once); });
  AddToken(app, context);
}

}  // namespace joinery::ctl
