#include "api/agent_view_json.h"

#include <fmt/format.h>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/limits.h"
#include "api/view_json.h"

namespace joinery::api {
namespace {

std::vector<OldGeneration> ReadDraining(const JsonValue& value, const AgentView& view) {
  std::vector<OldGeneration> draining;
  value.Each(kMaxGenerations, [&](const JsonValue& item) {
    const OldGeneration old{.codepoint = ReadCodepoint(item["codepoint"], view.generation_bits),
                            .serial = Serial(item["serial"].Integer<uint64_t>())};
    const auto clashes = [&](Codepoint codepoint, Serial serial) {
      return codepoint == old.codepoint || serial == old.serial;
    };
    bool twice = view.active && clashes(view.active->codepoint, view.active->serial);
    for (const OldGeneration& other : draining) {
      twice = twice || clashes(other.codepoint, other.serial);
    }
    if (twice) item.Refuse("another generation has its codepoint or serial");
    draining.push_back(old);
  });
  return draining;
}

AgentView ReadAgentView(const JsonValue& value) {
  AgentView view;
  view.at = ReadPosition(value["at"]);
  view.backend = value["backend"].Name();
  view.pool = value["pool"].Name();
  view.pool_id = PoolId(value["pool_id"].Integer<uint32_t>());
  const Layout layout = ReadLayout(value);
  view.max_backends = layout.max_backends;
  view.algorithm = layout.algorithm;
  view.generation_bits = layout.generation_bits;
  view.handshake = layout.handshake;
  view.id = ReadId(value["id"], view.max_backends);
  const JsonValue active = value["active"];
  if (active.HasValue()) {
    view.active = ReadGeneration(active, view.algorithm, view.generation_bits);
    if (view.active->state != settings::GenerationState::kActive) {
      active["state"].Refuse("expected active");
    }
  }
  view.draining = ReadDraining(value["draining"], view);
  view.drain = value["drain"].Bool();
  view.vips = ReadVips(value["vips"]);
  value["balancers"].Each(kMaxBalancers, [&](const JsonValue& address) {
    view.balancers.push_back(address.Address());
  });
  RefuseCookie(value);
  return view;
}

}  // namespace

std::string ToJson(const AgentView& view) {
  JsonWriter out;
  BeginMessage(out).Member("at");
  WritePosition(out, view.at);
  out.Member("backend").String(view.backend).Member("id").Integer(view.id.value());
  out.Member("pool").String(view.pool).Member("pool_id").Integer(view.pool_id.value());
  WriteLayout(out, {view.max_backends, view.algorithm, view.generation_bits, view.handshake});
  out.Member("active");
  if (view.active) {
    WriteGeneration(out, *view.active, view.algorithm);
  } else {
    out.Null();
  }
  out.Member("draining").BeginArray();
  for (const OldGeneration& old : view.draining) {
    out.BeginObject().Member("codepoint").Integer(old.codepoint.value());
    out.Member("serial").Integer(old.serial.value()).EndObject();
  }
  out.EndArray().Member("drain").Bool(view.drain).Member("vips");
  WriteVips(out, view.vips);
  out.Member("balancers").BeginArray();
  for (const IpAddress& address : view.balancers) out.String(ToString(address));
  out.EndArray().Member("cookie").Null().EndObject();
  return out.Take();
}

Expected<AgentView> ParseAgentView(std::string_view json) {
  return ReadMessage(json, ReadAgentView);
}

}  // namespace joinery::api
