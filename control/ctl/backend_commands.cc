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
  std::string ref;
  std::string pool;
  uint32_t deadline_s = 0;
  uint32_t weight = 1;
  uint32_t timeout_s = 3600;
  std::string address;
  std::string encap = "l2";
  bool wait = false;
  bool force = false;
};

using Shared = std::shared_ptr<Arguments>;

void WriteRef(api::JsonWriter& out, const Ref& ref) {
  out.Member("pool").String(ref.pool).Member("backend").String(ref.backend);
}

// Says what is left each time that it is another number, until nothing is.
void WaitForEmpty(Context& context, const Ref& ref, uint32_t timeout_s) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
  std::string before;
  while (context.exit == Exit::kDone) {
    const auto status = AskStatus(context);
    if (!status) return;
    const BackendView* backend = FindBackend(*status, ref.pool, ref.backend);
    if (backend == nullptr) return;  // removed meanwhile
    const std::string text = DrainText(ref.pool, *backend);
    const std::string left = text.substr(0, text.find(';'));
    if (left != before) *context.out << text << std::endl;
    before = left;
    if (backend->agent && backend->agent->connections == 0) return;
    if (std::chrono::steady_clock::now() >= end) {
      return Complain(context, Exit::kTimeout,
                      "connections are left; the drain goes on, ask again with joinctl backends");
    }
    std::this_thread::sleep_for(kPollPause);
  }
}

void Drain(Context& context, const Arguments& arguments) {
  const auto ref = ParseRef(context, arguments.ref);
  if (!ref) return;
  const bool done = Send(context, "drain", [&](api::JsonWriter& out) {
    WriteRef(out, *ref);
    if (arguments.deadline_s > 0) out.Member("deadline_s").Integer(arguments.deadline_s);
  });
  if (!done || context.json) return;
  if (arguments.wait) return WaitForEmpty(context, *ref, arguments.timeout_s);
  const auto status = AskStatus(context);
  if (!status) return;
  if (const BackendView* backend = FindBackend(*status, ref->pool, ref->backend)) {
    *context.out << DrainText(ref->pool, *backend) << "\n";
  }
}

CLI::App* AddOnBackend(CLI::App& group, const std::string& name, const std::string& meaning,
                       const Shared& arguments) {
  CLI::App* command = group.add_subcommand(name, meaning);
  command->add_option("BACKEND", arguments->ref, "POOL/BACKEND")->required();
  return command;
}

// A command that needs nothing but the backend's name.
void AddPlain(CLI::App& group, Context& context, const std::string& name,
              const std::string& meaning) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = AddOnBackend(group, name, meaning, arguments);
  command->callback([&context, arguments, name] {
    const auto ref = ParseRef(context, arguments->ref);
    if (!ref) return;
    static_cast<void>(Send(context, name, [&](api::JsonWriter& out) { WriteRef(out, *ref); }));
  });
}

void AddDrain(CLI::App& group, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      AddOnBackend(group, "drain", "No new connections; those there are go on", arguments);
  command->add_option("--deadline", arguments->deadline_s, "Say what is left after so long")
      ->type_name("SECONDS");
  command->add_flag("--wait", arguments->wait, "Until no connection is left");
  command->add_option("--timeout", arguments->timeout_s, "How long --wait waits")
      ->type_name("SECONDS");
  command->footer("Example: joinctl backends drain web/b1 --deadline 3600 --wait");
  command->callback([&context, arguments] { Drain(context, *arguments); });
}

void AddRemove(CLI::App& group, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      AddOnBackend(group, "remove", "Drain it, and forget it when it is empty", arguments);
  command->add_option("--deadline", arguments->deadline_s, "It goes then with what it has")
      ->type_name("SECONDS");
  command->add_flag("--force", arguments->force, "At once; its connections end");
  command->footer("Take it out of the configuration file too: the next apply adds it again.");
  command->callback([&context, arguments] {
    const auto ref = ParseRef(context, arguments->ref);
    if (!ref) return;
    static_cast<void>(Send(context, "remove", [&](api::JsonWriter& out) {
      WriteRef(out, *ref);
      if (arguments->deadline_s > 0) out.Member("deadline_s").Integer(arguments->deadline_s);
      out.Member("force").Bool(arguments->force);
    }));
  });
}

void AddWeight(CLI::App& group, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = AddOnBackend(group, "weight", "Its share of new connections", arguments);
  command->add_option("WEIGHT", arguments->weight, "0..1000")
      ->required()
      ->check(CLI::Range(0, 1000));
  command->footer("Write it into the configuration file too: the next apply takes the file's.");
  command->callback([&context, arguments] {
    const auto ref = ParseRef(context, arguments->ref);
    if (!ref) return;
    static_cast<void>(Send(context, "weight", [&](api::JsonWriter& out) {
      WriteRef(out, *ref);
      out.Member("weight").Integer(arguments->weight);
    }));
  });
}

void AddAdd(CLI::App& group, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = AddOnBackend(group, "add", "A backend more, until the next apply", arguments);
  command->add_option("--address", arguments->address, "Where it is reached")->required();
  command->add_option("--encap", arguments->encap, "How packets get there")
      ->check(CLI::IsMember({"l2", "ipip", "gue"}));
  command->add_option("--weight", arguments->weight, "0..1000")->check(CLI::Range(0, 1000));
  command->footer("Write it into the configuration file too: the next apply takes the file's.");
  command->callback([&context, arguments] {
    const auto ref = ParseRef(context, arguments->ref);
    if (!ref) return;
    static_cast<void>(Send(context, "add", [&](api::JsonWriter& out) {
      WriteRef(out, *ref);
      out.Member("address").String(arguments->address);
      out.Member("encap").String(arguments->encap);
      out.Member("weight").Integer(arguments->weight);
    }));
  });
}

}  // namespace

void AddBackendCommands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("backends", "The backends; without a command: list them");
  const auto arguments = std::make_shared<Arguments>();
  group->add_option("--pool", arguments->pool, "Only of this pool")->type_name("POOL");
  group->require_subcommand(0, 1);
  AddAdd(*group, context);
  AddDrain(*group, context);
  AddPlain(*group, context, "undrain", "New connections again");
  AddPlain(*group, context, "fail", "It is lost: whatever names it goes elsewhere");
  AddPlain(*group, context, "restore", "A failed one is back");
  AddRemove(*group, context);
  AddWeight(*group, context);
  group->callback([&context, group, arguments] {
    if (!group->get_subcommands().empty()) return;
    const auto answer = Ask(context, "GET", "/v1/status");
    if (!answer) return;
    if (context.json) {
      *context.out << answer->body << "\n";
      return;
    }
    const auto status = ParseStatus(answer->body);
    if (!status) return Complain(context, Exit::kRefused, status.error().message);
    *context.out << BackendsText(*status, arguments->pool);
  });
}

}  // namespace joinery::ctl
