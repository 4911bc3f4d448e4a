#include "control/daemon/command_json.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/json_reader.h"
#include "settings/words.h"

namespace joinery::control {
namespace {

using api::JsonValue;

constexpr uint32_t kMaxWeight = 1000;
constexpr size_t kMaxNamed = 16'384;
constexpr size_t kMaxRefBytes = 128;

bool Flag(const JsonValue& value) { return value.HasValue() && value.Bool(); }

BackendRef ReadRef(const JsonValue& value) {
  return {.pool = value["pool"].Name(), .backend = value["backend"].Name()};
}

std::optional<seconds> ReadDeadline(const JsonValue& value) {
  const JsonValue deadline = value["deadline_s"];
  if (!deadline.HasValue()) return std::nullopt;
  return seconds(deadline.Integer<uint32_t>());
}

Event ReadAdd(const JsonValue& value) {
  AddBackend add{.backend = ReadRef(value), .endpoint = {}};
  add.endpoint.address = value["address"].Address();
  if (value["encap"].HasValue()) add.endpoint.encap = value["encap"].Word<settings::Encap>();
  if (value["weight"].HasValue()) {
    add.endpoint.weight = value["weight"].Integer<uint32_t>(0, kMaxWeight);
  }
  return add;
}

Event ReadRollback(const JsonValue& value) {
  Rollback rollback{.pool = value["pool"].Name(), .serial = {}};
  if (value["serial"].HasValue()) rollback.serial = Serial(value["serial"].Integer<uint64_t>(1));
  return rollback;
}

Event ReadRecover(const JsonValue& value) {
  Recover recover;
  value["balancers"].Each(kMaxNamed,
                          [&](const JsonValue& name) { recover.balancers.insert(name.Name()); });
  value["agents"].Each(kMaxNamed, [&](const JsonValue& agent) {
    const std::string text = agent.Text(kMaxRefBytes);
    const size_t slash = text.find('/');
    if (slash == std::string::npos) {
      agent.Refuse("expected POOL/BACKEND");
    } else {
      recover.agents.insert({.pool = text.substr(0, slash), .backend = text.substr(slash + 1)});
    }
  });
  return recover;
}

struct Command {
  CommandInfo info;
  Event (*read)(const JsonValue&);
};

constexpr std::array kCommands = {
    Command{{"abort", "pool"},
            [](const JsonValue& v) -> Event { return Abort{.pool = v["pool"].Name()}; }},
    Command{{"add", "pool, backend, address, encap?, weight?"}, ReadAdd},
    Command{{"drain", "pool, backend, deadline_s?"},
            [](const JsonValue& v) -> Event {
              return Drain{.backend = ReadRef(v), .deadline = ReadDeadline(v)};
            }},
    Command{{"fail", "pool, backend"},
            [](const JsonValue& v) -> Event { return MarkFailed{.backend = ReadRef(v)}; }},
    Command{{"recover", "balancers, agents"}, ReadRecover},
    Command{{"remove", "pool, backend, deadline_s?, force?"},
            [](const JsonValue& v) -> Event {
              return RemoveBackend{
                  .backend = ReadRef(v), .deadline = ReadDeadline(v), .force = Flag(v["force"])};
            }},
    Command{{"restore", "pool, backend"},
            [](const JsonValue& v) -> Event { return Restore{.backend = ReadRef(v)}; }},
    Command{{"retire", "pool, serial"},
            [](const JsonValue& v) -> Event {
              return ForceRetire{.pool = v["pool"].Name(),
                                 .serial = Serial(v["serial"].Integer<uint64_t>(1))};
            }},
    Command{{"rollback", "pool, serial?"}, ReadRollback},
    Command{{"rotate", "pool, emergency?"},
            [](const JsonValue& v) -> Event {
              return Rotate{.pool = v["pool"].Name(), .emergency = Flag(v["emergency"])};
            }},
    Command{{"undrain", "pool, backend"},
            [](const JsonValue& v) -> Event { return Undrain{.backend = ReadRef(v)}; }},
    Command{{"weight", "pool, backend, weight"},
            [](const JsonValue& v) -> Event {
              return SetWeight{.backend = ReadRef(v),
                               .weight = v["weight"].Integer<uint32_t>(0, kMaxWeight)};
            }},
};

constexpr auto kInfos = [] {
  std::array<CommandInfo, kCommands.size()> infos{};
  for (size_t i = 0; i < infos.size(); ++i) infos[i] = kCommands[i].info;
  return infos;
}();

}  // namespace

std::span<const CommandInfo> Commands() { return kInfos; }

Expected<Event> ParseCommand(std::string_view name, std::string_view json) {
  const auto command =
      std::ranges::find(kCommands, name, [](const Command& c) { return c.info.name; });
  if (command == kCommands.end()) {
    std::vector<std::string_view> names;
    for (const CommandInfo& info : kInfos) names.push_back(info.name);
    return Fail(fmt::format("there is no command {}; there are {}", name, fmt::join(names, ", ")));
  }
  Event event;
  const auto read =
      api::ReadJson(json, [&](const JsonValue& value) { event = command->read(value); });
  if (!read)
    return Fail(fmt::format("{} takes {}: {}", name, command->info.members, read.error().message));
  return event;
}

}  // namespace joinery::control
