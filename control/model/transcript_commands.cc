#include <fmt/format.h>

#include "control/model/alarms.h"
#include "control/model/preview.h"
#include "control/model/transcript.h"
#include "control/model/transcript_words.h"
#include "control/model/views.h"

namespace joinery::control {
namespace {

api::Position PositionOf(const std::string& text) {
  const std::vector<std::string> parts = Split(text, '.');
  return parts.size() == 2 ? api::Position{std::stoull(parts[0]), std::stoull(parts[1])}
                           : api::Position{};
}

std::optional<seconds> Seconds(const Words& words, const std::string& key) {
  if (const auto value = words.Value(key)) return seconds(std::stoll(*value));
  return std::nullopt;
}

// "1:34,2:0" -> serial and tokens
std::vector<api::GenerationUse> UsesOf(const Words& words) {
  std::vector<api::GenerationUse> uses;
  for (const std::string& use : words.List("tokens")) {
    const std::vector<std::string> parts = Split(use, ':');
    uses.push_back({.serial = Serial(std::stoull(parts.at(0))),
                    .tokens = static_cast<uint32_t>(std::stoul(parts.at(1)))});
  }
  for (const std::string& keys : words.List("keys")) {
    const std::vector<std::string> parts = Split(keys, ':');
    for (api::GenerationUse& use : uses) {
      if (use.serial.value() == std::stoull(parts.at(0))) {
        use.keys = static_cast<uint32_t>(std::stoul(parts.at(1)));
      }
    }
  }
  return uses;
}

IpAddress AddressOf(uint8_t number) {
  const uint8_t bytes[] = {198, 18, 0, number};
  return IpAddress::V4(bytes);
}

}  // namespace

// One pool `web`; addresses follow the order of the backends.
Desired Transcript::ReadConfig(const Words& words) const {
  Desired desired;
  desired.policy.retire_hold = seconds(words.Number("retire_hold", 180));
  desired.policy.quarantine = seconds(words.Number("quarantine", 86'400));
  for (const std::string& name : words.List("balancers")) desired.balancers[name] = {};
  if (words.Has("nothing")) return desired;
  DesiredPool pool;
  pool.layout.id = PoolId(static_cast<uint32_t>(words.Number("id", 1)));
  pool.layout.max_backends = static_cast<uint16_t>(words.Number("max", 128));
  pool.layout.generation_bits = static_cast<uint8_t>(words.Number("bits", 2));
  pool.health.panic_percent = static_cast<uint8_t>(words.Number("panic", 50));
  pool.health.all_down = words.Has("withdraw") ? AllDown::kWithdraw : AllDown::kFailOpen;
  uint8_t number = static_cast<uint8_t>(words.Number("first_address", 1));
  for (const std::string& name : words.List("backends")) {
    pool.backends[name] = {.address = AddressOf(number++)};
  }
  desired.pools["web"] = std::move(pool);
  return desired;
}

// Time, crashes, configuration, and what the model looks like.
bool Transcript::World(const Words& words) {
  const std::string& command = words.command();
  if (command == "start") {
    Do(Started{.store_is_current = words.Has("store-is-current")});
  } else if (command == "tick") {
    now_ += seconds(std::stoll(words.Argument(0)));
    Do(Tick{});
  } else if (command == "config") {
    Do(ConfigApplied{.desired = ReadConfig(words), .force = words.Has("force")});
  } else if (command == "preview") {
    const ConfigApplied config = {.desired = ReadConfig(words), .force = words.Has("force")};
    for (const Change& change : Preview(model_, config)) out_ += ToString(change) + "\n";
  } else if (command == "everyone") {
    Everyone();
  } else if (command == "show") {
    ShowModel();
  } else if (command == "load") {
    ShowLoad();
  } else if (command == "alarms") {
    for (const std::string& alarm : Alarms(model_, now_)) out_ += alarm + "\n";
  } else if (command == "save") {
    saved_[words.Argument(0)] = model_.durable;
  } else if (command == "crash") {
    const std::string from = words.Argument(0);
    model_ = {.durable = from.empty() ? model_.durable : saved_.at(from), .now = {}};
  } else {
    return false;
  }
  return true;
}

// What balancers, agents and checks say.
bool Transcript::Report(const Words& words) {
  const std::string& command = words.command();
  const std::string who = words.Argument(0);
  if (command == "health") {
    Do(HealthChanged{.backend = words.Backend(),
                     .healthy = words.Has("up"),
                     .reason = words.Value("reason").value_or("")});
    return words.Has("up") || words.Has("down");
  }
  if (command != "lb" && command != "agent") return false;
  Sender& sender = senders_[who];
  if (words.Has("restarted")) sender = {.session = sender.session + 1};
  const api::Sequence sequence = {sender.session,
                                  words.Has("late") ? sender.number : ++sender.number};
  const bool trusted = !words.Has("foreign-bytes");
  const std::optional<std::string> at = words.Value("at");
  const std::optional<std::string> rejects = words.Value("rejects");
  std::optional<api::Rejection> rejected;
  if (rejects) rejected = {PositionOf(*rejects), "no memory"};
  if (command == "lb") {
    api::BalancerReport report;
    report.sequence = sequence;
    report.rejected = rejected;
    if (const auto scheme = SchemeView(model_)) report.scheme.at = scheme->at;
    if (const auto load = LoadView(model_)) report.load = load->at;
    if (at) report.scheme.at = PositionOf(*at);
    if (const auto load = words.Value("load")) report.load = PositionOf(*load);
    report.tables[0] = static_cast<uint8_t>(words.Number("tables", 0));
    if (const auto held = words.Value("hands-back")) {
      Model other{.durable = saved_.at(*held), .now = {}};
      other.now.recovery.waiting = false;
      report.held = SchemeView(other);
    }
    Do(BalancerReported{.balancer = who, .report = std::move(report), .trusted_bytes = trusted});
    return true;
  }
  api::AgentReport report;
  report.sequence = sequence;
  report.rejected = rejected;
  report.uses = UsesOf(words);
  if (const auto view = AgentViewOf(model_, words.Backend())) report.view.at = view->at;
  if (at) report.view.at = PositionOf(*at);
  report.incarnation = words.Number("encoder", 1);
  if (const auto encoding = words.Value("encoding")) {
    report.encoding = Serial(std::stoull(*encoding));
  }
  report.connections = static_cast<uint32_t>(words.Number("connections", 0));
  report.oldest_connection_s = words.Number("oldest", 0);
  Do(AgentReported{.from = words.Backend(), .report = std::move(report), .trusted_bytes = trusted});
  return true;
}

// What the operator wants.
bool Transcript::Command(const Words& words) {
  const std::string& command = words.command();
  const std::string pool = words.Argument(0);
  const BackendRef backend = words.Backend();
  if (command == "rotate") {
    Do(Rotate{.pool = pool, .emergency = words.Has("emergency")});
  } else if (command == "rollback") {
    Do(Rollback{.pool = pool});
  } else if (command == "abort") {
    Do(Abort{.pool = pool});
  } else if (command == "retire") {
    Do(ForceRetire{.pool = pool, .serial = Serial(words.Number("serial", 0))});
  } else if (command == "drain") {
    Do(Drain{.backend = backend, .deadline = Seconds(words, "deadline")});
  } else if (command == "undrain") {
    Do(Undrain{.backend = backend});
  } else if (command == "fail") {
    Do(MarkFailed{.backend = backend});
  } else if (command == "restore") {
    Do(Restore{.backend = backend});
  } else if (command == "add") {
    Do(AddBackend{.backend = backend, .endpoint = {.address = AddressOf(99)}});
  } else if (command == "remove") {
    Do(RemoveBackend{
        .backend = backend, .deadline = Seconds(words, "deadline"), .force = words.Has("force")});
  } else if (command == "weight") {
    Do(SetWeight{.backend = backend,
                 .weight = static_cast<uint32_t>(std::stoul(words.Argument(1)))});
  } else if (command == "recover") {
    Recover recover;
    for (const std::string& name : words.List("balancers")) recover.balancers.insert(name);
    for (const std::string& name : words.List("agents")) {
      const std::vector<std::string> parts = Split(name, '/');
      recover.agents.insert({parts.at(0), parts.at(1)});
    }
    Do(recover);
  } else {
    return false;
  }
  return true;
}

}  // namespace joinery::control
