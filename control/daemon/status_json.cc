#include "control/daemon/status_json.h"

#include <algorithm>

#include "api/json_writer.h"
#include "api/position_text.h"
#include "api/view_json.h"
#include "control/daemon/generation_use.h"
#include "control/model/alarms.h"
#include "control/model/confirmation.h"
#include "control/model/health.h"
#include "control/model/words.h"
#include "settings/words.h"

namespace joinery::control {
namespace {

using api::JsonWriter;

// What there is to tell, and when.
struct World {
  const Model& model;
  const HealthByBackend& health;
  Instant now;
};

uint64_t Seconds(std::chrono::nanoseconds duration) {
  const auto whole = std::chrono::duration_cast<seconds>(duration).count();
  return static_cast<uint64_t>(std::max<int64_t>(whole, 0));
}

void WriteGeneration(JsonWriter& out, const Model& model, const std::string& pool,
                     const Generation& generation) {
  const api::GenerationUse use = UseOf(model, pool, generation.serial);
  out.BeginObject().Member("serial").Integer(generation.serial.value());
  out.Member("codepoint").Integer(generation.codepoint.value());
  out.Member("state").String(ToString(generation.state));
  out.Member("told").Integer(generation.told.size());
  out.Member("tokens").Integer(use.tokens).Member("keys").Integer(use.keys);
  out.Member("draining_for_s");
  if (generation.state == GenerationState::kDraining) {
    out.Integer(Seconds(model.durable.age - generation.draining_since));
  } else {
    out.Null();
  }
  out.EndObject();
}

void WriteAgent(JsonWriter& out, const AgentStatus* status, const Backend& backend) {
  if (status == nullptr || !status->report) {
    out.Null();
    return;
  }
  const api::AgentReport& report = *status->report;
  out.BeginObject().Member("confirmed").Bool(status->view == backend.view);
  out.Member("view").String(api::ToString(report.view.at));
  out.Member("rejected");
  if (report.rejected) {
    out.String(report.rejected->reason);
  } else {
    out.Null();
  }
  out.Member("encoding");
  if (report.encoding) {
    out.Integer(report.encoding->value());
  } else {
    out.Null();
  }
  out.Member("connections").Integer(report.connections);
  out.Member("oldest_connection_s").Integer(report.oldest_connection_s);
  out.Member("findings").BeginArray();
  for (const api::Finding& finding : report.findings) {
    out.BeginObject().Member("name").String(finding.name).Member("ok").Bool(finding.ok);
    out.Member("detail").String(finding.detail).EndObject();
  }
  out.EndArray().EndObject();
}

// {"state":"down","for_s":12,"held_for_s":0,"last_failure":"connect: ...","checks":7,"failures":3}
void WriteHealth(JsonWriter& out, const World& world, const BackendRef& ref) {
  const auto found = world.health.find(ref);
  out.Member("health");
  if (found == world.health.end()) {
    out.Null();
    return;
  }
  const BackendHealth& health = found->second;
  out.BeginObject().Member("state").String(health::Name(health.state));
  out.Member("for_s").Integer(Seconds(world.now - health.since));
  out.Member("held_for_s").Integer(Seconds(health.held));
  out.Member("last_failure");
  if (health.last_failure.empty()) {
    out.Null();
  } else {
    out.String(health.last_failure);
  }
  out.Member("checks").Integer(health.checks);
  out.Member("failures").Integer(health.failures).EndObject();
}

void WriteBackend(JsonWriter& out, const World& world, const BackendRef& ref,
                  const Backend& backend) {
  const Model& model = world.model;
  const auto found = model.now.agents.find(ref);
  const AgentStatus* agent = found == model.now.agents.end() ? nullptr : &found->second;
  out.BeginObject().Member("name").String(ref.backend);
  out.Member("id").Integer(backend.id.value());
  out.Member("address").String(ToString(backend.endpoint.address));
  out.Member("encap").String(settings::ToWord(backend.endpoint.encap));
  out.Member("weight").Integer(backend.endpoint.weight);
  out.Member("state").String(ToString(backend.state));
  out.Member("healthy").Bool(agent == nullptr || agent->healthy);
  WriteHealth(out, world, ref);
  out.Member("deadline_in_s");
  if (backend.deadline) {
    out.Integer(Seconds(*backend.deadline - model.durable.age));
  } else {
    out.Null();
  }
  out.Member("agent");
  WriteAgent(out, agent, backend);
  out.EndObject();
}

void WritePool(JsonWriter& out, const World& world, const std::string& name, const Pool& pool) {
  const Model& model = world.model;
  const PoolHealth health = JudgeHealth(model, name, pool);
  out.BeginObject().Member("name").String(name);
  out.Member("id").Integer(pool.layout.id.value());
  out.Member("handshake").String(settings::ToWord(pool.layout.handshake));
  out.Member("algorithm").String(settings::ToWord(pool.layout.algorithm));
  out.Member("generation_bits").Integer(pool.layout.generation_bits);
  out.Member("max_backends").Integer(pool.layout.max_backends);
  out.Member("table_size").Integer(pool.service.table_size);
  out.Member("health_ignored").Bool(health.ignored);
  out.Member("withdrawn").Bool(health.withdraw);
  out.Member("vips");
  api::WriteVips(out, pool.service.vips);
  out.Member("generations").BeginArray();
  for (const Generation& generation : pool.generations) {
    WriteGeneration(out, model, name, generation);
  }
  out.EndArray().Member("backends").BeginArray();
  for (const auto& [backend, record] : pool.backends) {
    WriteBackend(out, world, {.pool = name, .backend = backend}, record);
  }
  out.EndArray().EndObject();
}

void WriteBalancer(JsonWriter& out, const Model& model, const std::string& name, Instant now) {
  const auto found = model.now.balancers.find(name);
  const bool known = found != model.now.balancers.end();
  const bool leased = known && HasLease(found->second, now);
  out.BeginObject().Member("name").String(name);
  out.Member("leased").Bool(leased);
  out.Member("lease_left_s");
  if (leased) {
    const auto last = std::ranges::max_element(found->second.leases, {}, &Lease::until);
    out.Integer(Seconds(last->until - now));
  } else {
    out.Null();
  }
  out.Member("confirmed").Bool(known && found->second.scheme == model.durable.scheme);
  out.Member("report");
  const auto none = std::optional<api::BalancerReport>();
  if (const auto& last = known ? found->second.report : none) {
    const api::BalancerReport& report = *last;
    out.BeginObject().Member("ready").Bool(report.ready);
    out.Member("scheme").String(api::ToString(report.scheme.at));
    out.Member("load").String(api::ToString(report.load));
    out.Member("tables").Hex(report.tables);
    out.Member("rejected");
    if (report.rejected) {
      out.String(report.rejected->reason);
    } else {
      out.Null();
    }
    out.EndObject();
  } else {
    out.Null();
  }
  out.EndObject();
}

}  // namespace

std::string StatusJson(std::string_view control_name, const Model& model,
                       const HealthByBackend& health, Instant now) {
  const World world{.model = model, .health = health, .now = now};
  JsonWriter out;
  api::BeginMessage(out).Member("control").String(control_name);
  out.Member("epoch").Integer(model.durable.at.epoch);
  out.Member("scheme").String(api::ToString(model.durable.scheme));
  out.Member("load").String(
      api::ToString({.epoch = model.durable.at.epoch, .version = model.now.load_version}));
  out.Member("waiting").Bool(model.now.recovery.waiting);
  out.Member("waits_for").BeginArray();
  if (model.now.recovery.waiting) {
    for (const std::string& name : model.now.recovery.balancers) out.String("balancer " + name);
    for (const BackendRef& ref : model.now.recovery.agents) out.String("agent " + ToString(ref));
  }
  out.EndArray().Member("alarms").BeginArray();
  for (const std::string& alarm : Alarms(model, now)) out.String(alarm);
  out.EndArray().Member("balancers").BeginArray();
  for (const auto& [name, balancer] : model.durable.balancers) {
    WriteBalancer(out, model, name, now);
  }
  out.EndArray().Member("pools").BeginArray();
  for (const auto& [name, pool] : model.durable.pools) WritePool(out, world, name, pool);
  out.EndArray().EndObject();
  return out.Take();
}

}  // namespace joinery::control
