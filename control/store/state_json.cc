#include "control/store/state_json.h"

#include <array>
#include <set>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/view_json.h"
#include "settings/words.h"
#include "tokenmap/scheme.h"

namespace joinery::control {

using api::JsonValue;
using api::JsonWriter;

namespace {

// Far above what any of these lists can have.
constexpr size_t kMany = 1 << 20;

constexpr std::array<std::string_view, 5> kBackendStates = {"added", "up", "draining", "leaving",
                                                            "failed"};
constexpr std::array<std::string_view, 2> kAllDown = {"fail_open", "withdraw"};

size_t WordAt(const JsonValue& value, std::span<const std::string_view> words) {
  const std::string text = value.Text(32);
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text) return i;
  }
  value.Refuse("an unknown word");
  return 0;
}

void Write(JsonWriter& out, std::string_view name, Age age) {
  out.Member(name).Integer(static_cast<uint64_t>(age.count()));
}

Age ReadAge(const JsonValue& value) {
  return Age(value.Integer<int64_t>(0, std::numeric_limits<int64_t>::max() / 2));
}

void WriteAt(JsonWriter& out, std::string_view name, const api::Position& at) {
  out.Member(name);
  api::WritePosition(out, at);
}

void WriteSerials(JsonWriter& out, std::string_view name, const std::set<Serial>& serials) {
  out.Member(name).BeginArray();
  for (const Serial serial : serials) out.Integer(serial.value());
  out.EndArray();
}

std::set<Serial> ReadSerials(const JsonValue& value) {
  std::set<Serial> serials;
  value.Each(kMany,
             [&](const JsonValue& serial) { serials.insert(Serial(serial.Integer<uint64_t>(1))); });
  return serials;
}

void Write(JsonWriter& out, const Policy& policy) {
  out.BeginObject();
  Write(out, "lease_s", policy.lease);
  out.Member("lb_quorum").Integer(policy.lb_quorum);
  Write(out, "retire_hold_s", policy.retire_hold);
  Write(out, "drain_max_s", policy.drain_max);
  Write(out, "quarantine_s", policy.quarantine);
  out.EndObject();
}

Policy ReadPolicy(const JsonValue& value) {
  return {.lease = ReadAge(value["lease_s"]),
          .lb_quorum = value["lb_quorum"].Integer<uint32_t>(),
          .retire_hold = ReadAge(value["retire_hold_s"]),
          .drain_max = ReadAge(value["drain_max_s"]),
          .quarantine = ReadAge(value["quarantine_s"])};
}

void Write(JsonWriter& out, const Generation& generation) {
  out.BeginObject();
  out.Member("codepoint").Integer(generation.codepoint.value());
  out.Member("serial").Integer(generation.serial.value());
  out.Member("state").String(settings::ToWord(generation.state));
  out.Member("key").Hex(generation.key.bytes());
  WriteAt(out, "published", generation.published);
  WriteAt(out, "drained", generation.drained);
  Write(out, "draining_since_s", generation.draining_since);
  out.Member("told").BeginArray();
  for (const std::string& name : generation.told) out.String(name);
  out.EndArray().EndObject();
}

Generation ReadGeneration(const JsonValue& value) {
  Generation generation{.codepoint = Codepoint(value["codepoint"].Integer<uint8_t>(
                            0, (1 << tokenmap::kMaxGenerationBits) - 2)),
                        .serial = Serial(value["serial"].Integer<uint64_t>(1)),
                        .state = value["state"].Word<settings::GenerationState>(),
                        .key = value["key"].Key(),
                        .published = api::ReadPosition(value["published"]),
                        .drained = api::ReadPosition(value["drained"]),
                        .draining_since = ReadAge(value["draining_since_s"]),
                        .told = {}};
  value["told"].Each(kMany, [&](const JsonValue& name) { generation.told.insert(name.Name()); });
  return generation;
}

void Write(JsonWriter& out, const std::string& name, const Backend& backend) {
  out.BeginObject();
  out.Member("name").String(name);
  out.Member("id").Integer(backend.id.value());
  out.Member("address").String(ToString(backend.endpoint.address));
  out.Member("encap").String(settings::ToWord(backend.endpoint.encap));
  out.Member("weight").Integer(backend.endpoint.weight);
  out.Member("state").String(kBackendStates[static_cast<size_t>(backend.state)]);
  WriteAt(out, "published", backend.published);
  out.Member("named").Bool(backend.named);
  WriteAt(out, "named_in", backend.named_in);
  WriteAt(out, "view", backend.view);
  WriteAt(out, "unplaced", backend.unplaced);
  out.Member("flushing").Bool(backend.flushing);
  WriteAt(out, "flushed", backend.flushed);
  if (backend.deadline) Write(out, "deadline_s", *backend.deadline);
  WriteSerials(out, "encoded", backend.encoded);
  out.EndObject();
}

void Write(JsonWriter& out, const RestingId& resting) {
  out.BeginObject();
  out.Member("id").Integer(resting.id.value());
  if (!resting.backend.empty()) out.Member("backend").String(resting.backend);
  out.Member("clean").Bool(resting.clean);
  WriteSerials(out, "encoded", resting.encoded);
  Write(out, "since_s", resting.since);
  out.EndObject();
}

RestingId ReadResting(const JsonValue& value) {
  RestingId resting{.id = BackendId(value["id"].Integer<uint16_t>()), .backend = {}};
  if (value["backend"].HasValue()) resting.backend = value["backend"].Name();
  resting.clean = value["clean"].Bool();
  resting.encoded = ReadSerials(value["encoded"]);
  resting.since = ReadAge(value["since_s"]);
  return resting;
}

Backend ReadBackend(const JsonValue& value) {
  Backend backend;
  backend.id = BackendId(value["id"].Integer<uint16_t>());
  backend.endpoint = {.address = value["address"].Address(),
                      .encap = value["encap"].Word<settings::Encap>(),
                      .weight = value["weight"].Integer<uint32_t>()};
  backend.state = static_cast<BackendState>(WordAt(value["state"], kBackendStates));
  backend.published = api::ReadPosition(value["published"]);
  backend.named = value["named"].Bool();
  backend.named_in = api::ReadPosition(value["named_in"]);
  backend.view = api::ReadPosition(value["view"]);
  backend.unplaced = api::ReadPosition(value["unplaced"]);
  backend.flushing = value["flushing"].Bool();
  backend.flushed = api::ReadPosition(value["flushed"]);
  if (const JsonValue deadline = value["deadline_s"]; deadline.HasValue()) {
    backend.deadline = ReadAge(deadline);
  }
  backend.encoded = ReadSerials(value["encoded"]);
  return backend;
}

void Write(JsonWriter& out, const std::string& name, const Pool& pool) {
  out.BeginObject();
  out.Member("name").String(name);
  out.Member("id").Integer(pool.layout.id.value());
  out.Member("max_backends").Integer(pool.layout.max_backends);
  out.Member("algorithm").String(settings::ToWord(pool.layout.algorithm));
  out.Member("generation_bits").Integer(pool.layout.generation_bits);
  out.Member("handshake").String(settings::ToWord(pool.layout.handshake));
  out.Member("table_size").Integer(pool.service.table_size);
  out.Member("join_rate").Integer(pool.service.join_rate);
  out.Member("vips");
  api::WriteVips(out, pool.service.vips);
  out.Member("panic_percent").Integer(pool.health.panic_percent);
  out.Member("all_down").String(kAllDown[static_cast<size_t>(pool.health.all_down)]);
  out.Member("hash_secret").Hex(pool.hash_secret.bytes());
  out.Member("last_serial").Integer(pool.last_serial.value());
  out.Member("generations").BeginArray();
  for (const Generation& generation : pool.generations) Write(out, generation);
  out.EndArray();
  out.Member("backends").BeginArray();
  for (const auto& [backend_name, backend] : pool.backends) Write(out, backend_name, backend);
  out.EndArray();
  out.Member("resting").BeginArray();
  for (const RestingId& resting : pool.resting) Write(out, resting);
  out.EndArray().EndObject();
}

Pool ReadPool(const JsonValue& value) {
  Pool pool;
  pool.layout = {.id = PoolId(value["id"].Integer<uint32_t>()),
                 .max_backends = value["max_backends"].Integer<uint16_t>(1, tokenmap::kMaxBackends),
                 .algorithm = value["algorithm"].Word<settings::Algorithm>(),
                 .generation_bits = value["generation_bits"].Integer<uint8_t>(
                     tokenmap::kMinGenerationBits, tokenmap::kMaxGenerationBits),
                 .handshake = value["handshake"].Word<settings::Handshake>()};
  pool.service = {.table_size = value["table_size"].Integer<uint32_t>(),
                  .join_rate = value["join_rate"].Integer<uint32_t>(),
                  .vips = api::ReadVips(value["vips"])};
  pool.health = {.panic_percent = value["panic_percent"].Integer<uint8_t>(0, 100),
                 .all_down = static_cast<AllDown>(WordAt(value["all_down"], kAllDown))};
  pool.hash_secret = value["hash_secret"].Key();
  pool.last_serial = Serial(value["last_serial"].Integer<uint64_t>());
  value["generations"].Each(kMany, [&](const JsonValue& generation) {
    pool.generations.push_back(ReadGeneration(generation));
  });
  value["backends"].Each(kMany, [&](const JsonValue& backend) {
    const bool fresh = pool.backends.emplace(backend["name"].Name(), ReadBackend(backend)).second;
    if (!fresh) backend.Refuse("a second backend of its name");
  });
  value["resting"].Each(
      kMany, [&](const JsonValue& resting) { pool.resting.push_back(ReadResting(resting)); });
  return pool;
}

Durable ReadDurable(const JsonValue& value) {
  Durable durable;
  durable.at = api::ReadPosition(value["at"]);
  durable.published = api::ReadPosition(value["published"]);
  durable.scheme = api::ReadPosition(value["scheme"]);
  durable.age = ReadAge(value["age_s"]);
  durable.policy = ReadPolicy(value["policy"]);
  value["pools"].Each(kMany, [&](const JsonValue& pool) {
    const bool fresh = durable.pools.emplace(pool["name"].Name(), ReadPool(pool)).second;
    if (!fresh) pool.Refuse("a second pool of its name");
  });
  value["balancers"].Each(kMany, [&](const JsonValue& balancer) {
    Balancer& read = durable.balancers[balancer["name"].Name()];
    balancer["addresses"].Each(
        kMany, [&](const JsonValue& address) { read.addresses.push_back(address.Address()); });
  });
  value["former_pools"].Each(kMany, [&](const JsonValue& pool) {
    durable.former_pools.push_back(
        {.id = PoolId(pool["id"].Integer<uint32_t>()),
         .last_serial = Serial(pool["last_serial"].Integer<uint64_t>())});
  });
  return durable;
}

}  // namespace

std::string ToJson(const Durable& durable) {
  JsonWriter out;
  api::BeginMessage(out);
  WriteAt(out, "at", durable.at);
  WriteAt(out, "published", durable.published);
  WriteAt(out, "scheme", durable.scheme);
  Write(out, "age_s", durable.age);
  out.Member("policy");
  Write(out, durable.policy);
  out.Member("pools").BeginArray();
  for (const auto& [name, pool] : durable.pools) Write(out, name, pool);
  out.EndArray();
  out.Member("balancers").BeginArray();
  for (const auto& [name, balancer] : durable.balancers) {
    out.BeginObject().Member("name").String(name).Member("addresses").BeginArray();
    for (const IpAddress& address : balancer.addresses) out.String(ToString(address));
    out.EndArray().EndObject();
  }
  out.EndArray();
  out.Member("former_pools").BeginArray();
  for (const FormerPool& pool : durable.former_pools) {
    out.BeginObject().Member("id").Integer(pool.id.value());
    out.Member("last_serial").Integer(pool.last_serial.value()).EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

Expected<Durable> ParseDurable(std::string_view json) {
  return api::ReadMessage<Durable>(json, ReadDurable);
}

}  // namespace joinery::control
