#include "control/daemon/config_plan.h"

#include <algorithm>

#include "api/json_writer.h"
#include "api/view_json.h"
#include "control/daemon/desired_from_config.h"
#include "control/daemon/moved_slots.h"

namespace joinery::control {
namespace {

std::string_view Word(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdd:
      return "add";
    case ChangeKind::kRemove:
      return "remove";
    case ChangeKind::kMove:
      return "move";
    case ChangeKind::kChange:
      return "change";
    case ChangeKind::kRefused:
      return "refused";
  }
  return "";
}

uint64_t ConnectionsOf(const Model& model, const std::string& pool, const DesiredPool& desired) {
  uint64_t connections = 0;
  for (const auto& [ref, agent] : model.now.agents) {
    if (ref.pool == pool && agent.report && desired.backends.contains(ref.backend)) {
      connections += agent.report->connections;
    }
  }
  return connections;
}

bool Same(const settings::Listener& a, const settings::Listener& b) {
  return a.address == b.address && a.port == b.port;
}

bool Same(const settings::LocalListener& a, const settings::LocalListener& b) {
  return a.socket == b.socket && a.balancer == b.balancer && a.backend == b.backend &&
         a.users == b.users;
}

template <typename T>
bool Same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return Same(x, y); });
}

bool Same(const settings::ControlTls& a, const settings::ControlTls& b) {
  return a.ca == b.ca && a.certificate == b.certificate && a.key == b.key && a.revoked == b.revoked;
}

std::vector<std::string> RestartsFor(const settings::ControlDaemon& a,
                                     const settings::ControlDaemon& b) {
  std::vector<std::string> keys;
  const auto add = [&keys](std::string_view key, bool same) {
    if (!same) keys.emplace_back(key);
  };
  add("control.name", a.name == b.name);
  add("control.admin_socket", a.admin_socket == b.admin_socket);
  add("control.admin_group", a.admin_group == b.admin_group);
  add("control.listen", Same(a.listen, b.listen));
  add("control.tls", Same(a.tls, b.tls));
  add("control.local", Same(a.local, b.local));
  add("control.state_file", a.state_file == b.state_file);
  add("control.state_key_file", a.state_key_file == b.state_key_file);
  add("control.audit_log", a.audit_log == b.audit_log);
  add("control.log_level", a.log_level == b.log_level);
  add("control.log_format", a.log_format == b.log_format);
  add("control.health", a.health == b.health);
  return keys;
}

// Pools that stay and are checked in another way.
void CompareChecks(const settings::ControlConfig& checked, const settings::ControlConfig& wanted,
                   std::vector<Change>& changes) {
  for (const settings::ControlPool& pool : wanted.pools) {
    const auto before = std::ranges::find(checked.pools, pool.name, &settings::ControlPool::name);
    if (before == checked.pools.end() || before->health == pool.health) continue;
    changes.push_back({.kind = ChangeKind::kChange,
                       .what = pool.name,
                       .why = pool.health ? "other health checks" : "no health checks any more"});
  }
}

}  // namespace

bool ConfigPlan::refused() const noexcept {
  return std::ranges::any_of(
      changes, [](const Change& change) { return change.kind == ChangeKind::kRefused; });
}

ConfigPlan PlanOf(const InForce& now, const settings::ControlConfig& wanted, bool force) {
  const Model& model = now.model;
  const Desired desired = DesiredFrom(wanted);
  ConfigPlan plan;
  plan.changes = Preview(model, ConfigApplied{.desired = desired, .force = force});
  CompareChecks(now.checked, wanted, plan.changes);
  plan.restarts = RestartsFor(now.started.control, wanted.control);
  for (const auto& [name, pool] : model.durable.pools) {
    const auto found = desired.pools.find(name);
    if (found == desired.pools.end()) continue;
    const auto moved = CountMovedSlots(pool, found->second);
    if (!moved || moved->moved == 0) continue;
    const uint64_t connections = ConnectionsOf(model, name, found->second);
    plan.pools.push_back(
        {.pool = name,
         .moved_slots = moved->moved,
         .table_size = moved->size,
         .at_risk = static_cast<uint32_t>(connections * moved->moved / moved->size)});
  }
  return plan;
}

std::string ToJson(const ConfigPlan& plan) {
  api::JsonWriter out;
  api::BeginMessage(out).Member("refused").Bool(plan.refused());
  out.Member("changes").BeginArray();
  for (const Change& change : plan.changes) {
    out.BeginObject().Member("kind").String(Word(change.kind));
    out.Member("what").String(change.what).Member("why").String(change.why);
    out.Member("connections").Integer(change.connections).EndObject();
  }
  out.EndArray().Member("pools").BeginArray();
  for (const PoolPlan& pool : plan.pools) {
    out.BeginObject().Member("pool").String(pool.pool);
    out.Member("moved_slots").Integer(pool.moved_slots);
    out.Member("table_size").Integer(pool.table_size);
    out.Member("at_risk").Integer(pool.at_risk).EndObject();
  }
  out.EndArray().Member("restarts").BeginArray();
  for (const std::string& key : plan.restarts) out.String(key);
  out.EndArray().EndObject();
  return out.Take();
}

}  // namespace joinery::control
