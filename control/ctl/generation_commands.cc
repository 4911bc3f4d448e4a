#include <algorithm>
#include <memory>
#include <ostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "control/ctl/commands.h"
#include "control/ctl/send.h"
#include "control/ctl/status_text.h"

namespace joinery::ctl {
namespace {

struct Arguments {
  std::string pool;
  uint64_t serial = 0;  // 0: not given
  uint32_t timeout_s = 600;
  bool emergency = false;
  bool wait = false;
  bool force = false;
  std::vector<std::string> balancers;
  std::vector<std::string> agents;
};

using Shared = std::shared_ptr<Arguments>;

CLI::App* AddOnPool(CLI::App& app, const std::string& name, const std::string& meaning,
                    const Shared& arguments) {
  CLI::App* command = app.add_subcommand(name, meaning);
  command->add_option("POOL", arguments->pool, "The pool's name")->required();
  return command;
}

uint64_t NewestSerial(const PoolView& pool) {
  uint64_t newest = 0;
  for (const GenerationView& generation : pool.generations) {
    newest = std::max(newest, generation.serial);
  }
  return newest;
}

// Until a generation newer than `before` is active.
void WaitForActive(Context& context, const std::string& name, uint64_t before, uint32_t timeout_s) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
  while (true) {
    const auto status = AskStatus(context);
    if (!status) return;
    const PoolView* pool = FindPool(*status, name);
    const bool there = pool != nullptr && NewestSerial(*pool) > before;
    if (!there) {
      return Complain(
          context, Exit::kRefused,
          fmt::format("the new generation of {} was aborted; see joinctl events", name));
    }
    for (const GenerationView& generation : pool->generations) {
      if (generation.serial <= before || generation.state != "active") continue;
      *context.out << fmt::format("{}: generation {} is active\n", name, generation.serial);
      return;
    }
    if (std::chrono::steady_clock::now() >= end) {
      return Complain(context, Exit::kTimeout,
                      fmt::format("generation {} of {} is not active yet; it waits on: joinctl lbs",
                                  NewestSerial(*pool), name));
    }
    std::this_thread::sleep_for(kPollPause);
  }
}

void Rotate(Context& context, const Arguments& arguments) {
  const auto status = AskStatus(context);
  if (!status) return;
  const PoolView* pool = FindPool(*status, arguments.pool);
  const uint64_t before = pool == nullptr ? 0 : NewestSerial(*pool);
  const bool done = Send(context, "rotate", [&](api::JsonWriter& out) {
    out.Member("pool").String(arguments.pool).Member("emergency").Bool(arguments.emergency);
  });
  if (done && arguments.wait) WaitForActive(context, arguments.pool, before, arguments.timeout_s);
}

void Retire(Context& context, const Arguments& arguments) {
  const auto status = AskStatus(context);
  if (!status) return;
  if (const PoolView* pool = FindPool(*status, arguments.pool);
      pool != nullptr && !arguments.force) {
    const auto found =
        std::ranges::find(pool->generations, arguments.serial, &GenerationView::serial);
    if (found != pool->generations.end()) *context.out << RetireCostText(*found);
    return Complain(context, Exit::kRefused,
                    "nothing is done; it retires by itself when its tokens are gone; with --force "
                    "at once");
  }
  static_cast<void>(Send(context, "retire", [&](api::JsonWriter& out) {
    out.Member("pool").String(arguments.pool).Member("serial").Integer(arguments.serial);
  }));
}

void AddRotate(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = AddOnPool(app, "rotate", "A new generation of the token scheme", arguments);
  command->add_flag("--emergency", arguments->emergency, "Also with the last free codepoint");
  command->add_flag("--wait", arguments->wait, "Until it is active");
  command->add_option("--timeout", arguments->timeout_s, "How long --wait waits")
      ->type_name("SECONDS");
  command->footer("Example: joinctl rotate web --wait");
  command->callback([&context, arguments] { Rotate(context, *arguments); });
}

void AddRest(CLI::App& app, Context& context) {
  const auto back = std::make_shared<Arguments>();
  CLI::App* rollback =
      AddOnPool(app, "rollback", "A draining generation becomes active again", back);
  rollback->add_option("--serial", back->serial, "Which; else the one that drained last");
  rollback->callback([&context, back] {
    static_cast<void>(Send(context, "rollback", [&](api::JsonWriter& out) {
      out.Member("pool").String(back->pool);
      if (back->serial != 0) out.Member("serial").Integer(back->serial);
    }));
  });
  const auto ended = std::make_shared<Arguments>();
  CLI::App* abort = AddOnPool(app, "abort", "End the pending generation", ended);
  abort->callback([&context, ended] {
    static_cast<void>(Send(context, "abort",
                           [&](api::JsonWriter& out) { out.Member("pool").String(ended->pool); }));
  });
  const auto retired = std::make_shared<Arguments>();
  CLI::App* retire =
      AddOnPool(app, "retire", "End a draining generation although it is in use", retired);
  retire->add_option("SERIAL", retired->serial, "Which")->required();
  retire->add_flag("--force", retired->force, "Do it; without it only say what is lost");
  retire->callback([&context, retired] { Retire(context, *retired); });
}

void AddRecover(CLI::App& app, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("recover", "After a start: go on without these, who will not come back");
  command->add_option("--balancer", arguments->balancers, "A balancer")->type_name("NAME");
  command->add_option("--agent", arguments->agents, "A backend")->type_name("POOL/BACKEND");
  command->footer(
      "Say it only of those that are gone for good or have restarted empty: one that comes back\n"
      "with tokens of a generation that control has forgotten loses their joins.\n"
      "Example: joinctl recover --balancer lb2 --agent web/b7");
  command->callback([&context, arguments] {
    if (arguments->balancers.empty() && arguments->agents.empty()) {
      return Complain(context, Exit::kUsage, "name at least one with --balancer or --agent");
    }
    static_cast<void>(Send(context, "recover", [&](api::JsonWriter& out) {
      out.Member("balancers").BeginArray();
      for (const std::string& name : arguments->balancers) out.String(name);
      out.EndArray().Member("agents").BeginArray();
      for (const std::string& name : arguments->agents) out.String(name);
      out.EndArray();
    }));
  });
}

}  // namespace

void AddGenerationCommands(CLI::App& app, Context& context) {
  AddRotate(app, context);
  AddRest(app, context);
  AddRecover(app, context);
}

}  // namespace joinery::ctl
