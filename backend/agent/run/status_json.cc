#include "backend/agent/run/status_json.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace joinery::agent {
namespace {

namespace json = boost::json;

json::value SerialOrNull(const std::optional<kmod::ActiveScheme>& scheme) {
  return scheme ? json::value(scheme->serial.value()) : json::value(nullptr);
}

json::object Encoder(const AgentState& state) {
  const EncoderState& encoder = state.core->encoder();
  json::object counters;
  if (state.encoder_counters != nullptr) {
    for (const auto& [name, value] : *state.encoder_counters) counters[name] = value;
  }
  return {{"incarnation", fmt::format("{:016x}", encoder.incarnation)},
          {"present", encoder.incarnation != 0},
          {"encoding", SerialOrNull(encoder.scheme)},
          {"keys", encoder.keys},
          {"error", state.encoder_error},
          {"counters", std::move(counters)}};
}

json::object View(const Core& core) {
  const api::Position& at = core.record().view.at;
  json::object view{{"position", fmt::format("{}.{}", at.epoch, at.version)},
                    {"in_memory", core.view().has_value()},
                    {"drain", core.draining()}};
  if (const auto& held = core.view()) {
    view["pool"] = held->pool;
    view["backend"] = held->backend;
    view["id"] = held->id.value();
  }
  return view;
}

json::array Uses(const Core& core) {
  json::array rows;
  std::map<Serial, std::pair<uint32_t, uint32_t>> uses;
  for (const auto& [serial, count] : core.uses().tokens) uses[serial].first = count;
  for (const auto& [serial, count] : core.uses().leased) uses[serial].second = count;
  for (const auto& [serial, counts] : uses) {
    rows.push_back(json::object{
        {"serial", serial.value()}, {"tokens", counts.first}, {"leased", counts.second}});
  }
  return rows;
}

json::value Leases(const AgentState& state) {
  if (state.leases == nullptr) return nullptr;
  const LeaseCounters& counters = state.leases->counters();
  json::object leases{{"leases", state.leases->leases()}, {"opened", counters.opened},
                      {"resumed", counters.resumed},      {"ended", counters.ended},
                      {"given", counters.given},          {"returned", counters.returned},
                      {"refused", counters.refused},      {"crowded", counters.crowded}};
  if (const LeaseServerCounters* server = state.lease_server) {
    leases["accepted"] = server->accepted;
    leases["not_allowed"] = server->not_allowed;
    leases["too_many"] = server->too_many;
    leases["malformed"] = server->malformed;
    leases["slow"] = server->slow;
    leases["silent"] = server->silent;
  }
  return leases;
}

// The member as text: strings without their quotes.
std::string Shown(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return "none";
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

}  // namespace

std::string ToJson(const AgentState& state) {
  json::array findings;
  for (const api::Finding& finding : state.findings) {
    findings.push_back(
        json::object{{"name", finding.name}, {"ok", finding.ok}, {"detail", finding.detail}});
  }
  return json::serialize(json::object{{"view", View(*state.core)},
                                      {"control", json::object{{"at", state.control},
                                                               {"reached", state.control_reached},
                                                               {"trouble", state.trouble}}},
                                      {"encoder", Encoder(state)},
                                      {"uses", Uses(*state.core)},
                                      {"foreign_tokens", state.core->uses().foreign},
                                      {"connections", state.core->uses().connections},
                                      {"oldest_connection_s", state.core->uses().oldest_s},
                                      {"stacks", Leases(state)},
                                      {"findings", std::move(findings)}});
}

std::string Summary(const AgentState& state) {
  const EncoderState& encoder = state.core->encoder();
  std::string text =
      encoder.incarnation == 0 ? "no encoder"
      : encoder.scheme ? fmt::format("serial {} of pool {} as {}", encoder.scheme->serial.value(),
                                     encoder.scheme->pool.value(), encoder.scheme->backend.value())
                       : std::string("nothing confirmed to encode");
  text += fmt::format("; {} connections", state.core->uses().connections);
  if (state.core->draining()) {
    text += fmt::format(", draining, oldest {} s", state.core->uses().oldest_s);
  }
  text += state.control_reached ? "; control reached" : "; control not reached";
  return text;
}

Expected<std::string> StatusText(std::string_view text) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return Fail("the agent's answer is no JSON object");
  const json::object& root = value.get_object();
  std::string out;
  for (const char* part : {"view", "control", "encoder", "stacks"}) {
    const json::value* member = root.if_contains(part);
    if (member == nullptr || !member->is_object()) continue;
    for (const auto& [name, inner] : member->get_object()) {
      if (inner.is_object()) continue;  // counters: with --json
      out += fmt::format("{}.{} {}\n", part, std::string_view(name),
                         Shown(member->get_object(), name));
    }
  }
  for (const char* name : {"connections", "oldest_connection_s", "foreign_tokens"}) {
    out += fmt::format("{} {}\n", name, Shown(root, name));
  }
  if (const json::value* uses = root.if_contains("uses"); uses && uses->is_array()) {
    for (const json::value& use : uses->get_array()) {
      if (!use.is_object()) continue;
      out += fmt::format("serial {}: tokens {} leased {}\n", Shown(use.get_object(), "serial"),
                         Shown(use.get_object(), "tokens"), Shown(use.get_object(), "leased"));
    }
  }
  if (const json::value* findings = root.if_contains("findings");
      findings && findings->is_array()) {
    for (const json::value& finding : findings->get_array()) {
      if (!finding.is_object()) continue;
      const json::object& one = finding.get_object();
      out += fmt::format("{} {}: {}\n", Shown(one, "ok") == "true" ? "ok  " : "FAIL",
                         Shown(one, "name"), Shown(one, "detail"));
    }
  }
  return out;
}

}  // namespace joinery::agent
