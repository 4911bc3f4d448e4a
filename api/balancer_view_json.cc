#include "api/balancer_view_json.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/limits.h"
#include "api/view_json.h"
#include "settings/limits.h"
#include "settings/prime.h"
#include "tokenmap/scheme.h"

namespace joinery::api {
namespace {

// Refuses the second of two equal ones.
template <typename T>
void RequireNew(std::set<T>& seen, const T& item, const JsonValue& value, std::string_view rule) {
  if (!seen.insert(item).second) value.Refuse(rule);
}

void WriteMember(JsonWriter& out, const Member& member) {
  out.BeginObject().Member("id").Integer(member.id.value());
  out.Member("name").String(member.name);
  out.Member("address").String(ToString(member.address));
  out.Member("encap").String(settings::ToWord(member.encap)).EndObject();
}

Member ReadMember(const JsonValue& value, uint16_t max_backends) {
  return {.id = ReadId(value["id"], max_backends),
          .name = value["name"].Name(),
          .address = value["address"].Address(),
          .encap = value["encap"].Word<settings::Encap>()};
}

void WritePool(JsonWriter& out, const PoolScheme& pool) {
  out.BeginObject().Member("name").String(pool.name).Member("id").Integer(pool.id.value());
  WriteLayout(out, {pool.max_backends, pool.algorithm, pool.generation_bits, pool.handshake});
  out.Member("hash_secret").Hex(pool.hash_secret.bytes());
  out.Member("table_size").Integer(pool.table_size).Member("join_rate").Integer(pool.join_rate);
  out.Member("vips");
  WriteVips(out, pool.vips);
  out.Member("generations").BeginArray();
  for (const SchemeGeneration& generation : pool.generations) {
    WriteGeneration(out, generation, pool.algorithm);
  }
  out.EndArray().Member("last_serial").Integer(pool.last_serial.value());
  out.Member("members").BeginArray();
  for (const Member& member : pool.members) WriteMember(out, member);
  out.EndArray().Member("reserved_ids").BeginArray();
  for (const BackendId id : pool.reserved_ids) out.Integer(id.value());
  out.EndArray().Member("cookie").Null().EndObject();
}

uint32_t ReadTableSize(const JsonValue& value, uint16_t max_backends) {
  const auto slots = value.Integer<uint32_t>(settings::kMinTableSize, settings::kMaxTableSize);
  if (!settings::IsPrime(slots)) value.Refuse(fmt::format("{}; expected a prime", slots));
  if (slots < max_backends) {
    value.Refuse(fmt::format("{}; expected at least max_backends, {}", slots, max_backends));
  }
  return slots;
}

void ReadGenerations(const JsonValue& value, PoolScheme& pool) {
  std::set<Codepoint> codepoints;
  std::set<Serial> serials;
  value.Each(kMaxGenerations, [&](const JsonValue& item) {
    const SchemeGeneration generation = ReadGeneration(item, pool.algorithm, pool.generation_bits);
    RequireNew(codepoints, generation.codepoint, item["codepoint"], "another generation has it");
    RequireNew(serials, generation.serial, item["serial"], "another generation has it");
    if (generation.serial > pool.last_serial) {
      item["serial"].Refuse("expected at most last_serial, the highest ever given");
    }
    pool.generations.push_back(generation);
  });
}

void ReadMembers(const JsonValue& value, PoolScheme& pool) {
  const size_t most = size_t{1} << tokenmap::IdBits(pool.max_backends);
  std::set<BackendId> ids;
  std::set<std::string> names;
  value["members"].Each(most, [&](const JsonValue& item) {
    Member member = ReadMember(item, pool.max_backends);
    RequireNew(ids, member.id, item["id"], "another member has it");
    RequireNew(names, member.name, item["name"], "another member has it");
    pool.members.push_back(std::move(member));
  });
  // An ID is held by a member or kept from all.
  value["reserved_ids"].Each(most, [&](const JsonValue& item) {
    const BackendId id = ReadId(item, pool.max_backends);
    RequireNew(ids, id, item, "a member has it, or it is named twice");
    pool.reserved_ids.push_back(id);
  });
}

PoolScheme ReadPool(const JsonValue& value) {
  PoolScheme pool;
  pool.name = value["name"].Name();
  pool.id = PoolId(value["id"].Integer<uint32_t>());
  const Layout layout = ReadLayout(value);
  pool.max_backends = layout.max_backends;
  pool.algorithm = layout.algorithm;
  pool.generation_bits = layout.generation_bits;
  pool.handshake = layout.handshake;
  pool.hash_secret = value["hash_secret"].Key();
  pool.table_size = ReadTableSize(value["table_size"], pool.max_backends);
  pool.join_rate = value["join_rate"].Integer<uint32_t>(1, settings::kMaxJoinRate);
  pool.vips = ReadVips(value["vips"]);
  pool.last_serial = Serial(value["last_serial"].Integer<uint64_t>());
  ReadGenerations(value["generations"], pool);
  ReadMembers(value, pool);
  RefuseCookie(value);
  return pool;
}

// Every address, protocol and port is served by one pool, once.
void CheckVips(const JsonValue& value, const std::vector<PoolScheme>& pools) {
  using Place = std::pair<IpAddress, uint8_t>;
  std::vector<std::pair<Place, PortRange>> served;
  for (const PoolScheme& pool : pools) {
    for (const ServedVip& vip : pool.vips) {
      for (const PortRange& range : vip.ports) {
        served.emplace_back(Place(vip.address, vip.protocol), range);
      }
    }
  }
  std::ranges::sort(served, [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second.first) < std::pair(b.first, b.second.first);
  });
  for (size_t i = 1; i < served.size(); ++i) {
    if (served[i].first != served[i - 1].first) continue;
    if (served[i].second.first > served[i - 1].second.last) continue;
    value.Refuse(fmt::format("{} port {} is served twice", ToString(served[i].first.first),
                             served[i].second.first.value()));
  }
}

void WritePoolLoad(JsonWriter& out, const PoolLoad& pool) {
  out.BeginObject().Member("id").Integer(pool.id.value()).Member("members").BeginArray();
  for (const MemberLoad& member : pool.members) {
    out.BeginObject().Member("id").Integer(member.id.value());
    out.Member("weight").Integer(member.weight);
    out.Member("state").String(settings::ToWord(member.state)).EndObject();
  }
  out.EndArray().Member("withdraw").Bool(pool.withdraw).EndObject();
}

PoolLoad ReadPoolLoad(const JsonValue& value) {
  PoolLoad pool;
  pool.id = PoolId(value["id"].Integer<uint32_t>());
  std::set<BackendId> ids;
  const size_t most = size_t{1} << tokenmap::IdBits(tokenmap::kMaxBackends);
  value["members"].Each(most, [&](const JsonValue& item) {
    MemberLoad member;
    member.id = ReadId(item["id"], tokenmap::kMaxBackends);
    member.weight = item["weight"].Integer<uint32_t>(0, settings::kMaxWeight);
    member.state = item["state"].Word<settings::BackendState>();
    RequireNew(ids, member.id, item["id"], "another member has it");
    pool.members.push_back(member);
  });
  pool.withdraw = value["withdraw"].Bool();
  return pool;
}

LoadPart ReadLoadPart(const JsonValue& value) {
  LoadPart part;
  part.at = ReadPosition(value["at"]);
  part.scheme = ReadPosition(value["scheme"]);
  std::set<PoolId> ids;
  value["pools"].Each(settings::kMaxPools, [&](const JsonValue& item) {
    part.pools.push_back(ReadPoolLoad(item));
    RequireNew(ids, part.pools.back().id, item["id"], "another pool has it");
  });
  return part;
}

// `at` and `pools`, in an object that is open.
void WriteSchemeMembers(JsonWriter& out, const SchemePart& part) {
  out.Member("at");
  WritePosition(out, part.at);
  out.Member("pools").BeginArray();
  for (const PoolScheme& pool : part.pools) WritePool(out, pool);
  out.EndArray();
}

}  // namespace

void WriteSchemePart(JsonWriter& out, const SchemePart& part) {
  out.BeginObject();
  WriteSchemeMembers(out, part);
  out.EndObject();
}

SchemePart ReadSchemePart(const JsonValue& value) {
  SchemePart part;
  part.at = ReadPosition(value["at"]);
  std::set<PoolId> ids;
  std::set<std::string> names;
  const JsonValue pools = value["pools"];
  pools.Each(settings::kMaxPools, [&](const JsonValue& item) {
    PoolScheme pool = ReadPool(item);
    RequireNew(ids, pool.id, item["id"], "another pool has it");
    RequireNew(names, pool.name, item["name"], "another pool has it");
    part.pools.push_back(std::move(pool));
  });
  CheckVips(pools, part.pools);
  return part;
}

std::string ToJson(const SchemePart& part) {
  JsonWriter out;
  WriteSchemeMembers(BeginMessage(out), part);
  return out.EndObject().Take();
}

std::string ToJson(const LoadPart& part) {
  JsonWriter out;
  BeginMessage(out).Member("at");
  WritePosition(out, part.at);
  out.Member("scheme");
  WritePosition(out, part.scheme);
  out.Member("pools").BeginArray();
  for (const PoolLoad& pool : part.pools) WritePoolLoad(out, pool);
  out.EndArray().EndObject();
  return out.Take();
}

Expected<SchemePart> ParseSchemePart(std::string_view json) {
  return ReadMessage(json, ReadSchemePart);
}

Expected<LoadPart> ParseLoadPart(std::string_view json) { return ReadMessage(json, ReadLoadPart); }

}  // namespace joinery::api
