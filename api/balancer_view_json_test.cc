#include "api/balancer_view_json.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "api/random_messages.h"

namespace joinery::api {
namespace {

// One pool with one of everything; the tests change a place in it.
constexpr std::string_view kScheme =
    R"({"schema":1,"at":{"epoch":3,"version":41},"pools":[{"name":"web","id":7,"max_backends":128,)"
    R"("algorithm":"ff1","generation_bits":2,"handshake":"derived",)"
    R"("hash_secret":"000102030405060708090a0b0c0d0e0f","table_size":65537,"join_rate":50000,)"
    R"("vips":[{"address":"198.18.0.1","protocol":"tcp","ports":[{"first":443,"last":443}],)"
    R"("fragments":"drop"}],)"
    R"("generations":[{"codepoint":1,"serial":9,"state":"active",)"
    R"("key":"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"}],"last_serial":9,)"
    R"("members":[{"id":200,"name":"web1","address":"2001:db8::1","encap":"gue"}],)"
    R"("reserved_ids":[201],"cookie":null}]})";

constexpr std::string_view kLoad =
    R"({"schema":1,"at":{"epoch":3,"version":8},"scheme":{"epoch":3,"version":41},)"
    R"("pools":[{"id":7,"members":[{"id":200,"weight":10,"state":"down"}],"withdraw":false}]})";

std::string Replaced(std::string_view text, std::string_view what, std::string_view by) {
  const size_t place = text.find(what);
  EXPECT_NE(place, std::string_view::npos) << what;
  return std::string(text.substr(0, place)) + std::string(by) +
         std::string(text.substr(place + what.size()));
}

TEST(BalancerViewJson, SchemePartHasTheDocumentedForm) {
  const auto part = ParseSchemePart(kScheme);
  ASSERT_TRUE(part.has_value()) << part.error().message;
  EXPECT_EQ(part->at, (Position{.epoch = 3, .version = 41}));
  ASSERT_EQ(part->pools.size(), 1U);
  const PoolScheme& pool = part->pools[0];
  EXPECT_EQ(pool.name, "web");
  EXPECT_EQ(pool.id, PoolId(7));
  EXPECT_EQ(pool.max_backends, 128);
  EXPECT_EQ(pool.algorithm, settings::Algorithm::kFf1);
  EXPECT_EQ(pool.hash_secret.bytes()[15], 0x0f);
  EXPECT_EQ(pool.vips.at(0).protocol, 6);
  EXPECT_EQ(pool.vips.at(0).ports.at(0), (PortRange{Port(443), Port(443)}));
  EXPECT_EQ(pool.generations.at(0).serial, Serial(9));
  EXPECT_EQ(pool.generations.at(0).key.bytes()[0], 0xf0);
  EXPECT_EQ(pool.members.at(0).id, BackendId(200));
  EXPECT_EQ(pool.members.at(0).encap, settings::Encap::kGue);
  EXPECT_EQ(ToJson(*part), kScheme);
}

TEST(BalancerViewJson, LoadPartHasTheDocumentedForm) {
  const auto part = ParseLoadPart(kLoad);
  ASSERT_TRUE(part.has_value()) << part.error().message;
  EXPECT_EQ(part->scheme, (Position{.epoch = 3, .version = 41}));
  EXPECT_EQ(part->pools.at(0).members.at(0).weight, 10U);
  EXPECT_EQ(part->pools.at(0).members.at(0).state, settings::BackendState::kDown);
  EXPECT_EQ(ToJson(*part), kLoad);
}

// What is written reads as the same, and the same is written of it.
TEST(BalancerViewJson, EveryPartComesBackAsItWas) {
  SeededRandom random(41);
  for (int i = 0; i < 300; ++i) {
    const std::string scheme = ToJson(RandomSchemePart(random));
    const auto part = ParseSchemePart(scheme);
    ASSERT_TRUE(part.has_value()) << part.error().message << "\n" << scheme;
    EXPECT_EQ(ToJson(*part), scheme);
    const std::string load = ToJson(RandomLoadPart(random));
    const auto load_part = ParseLoadPart(load);
    ASSERT_TRUE(load_part.has_value()) << load_part.error().message << "\n" << load;
    EXPECT_EQ(ToJson(*load_part), load);
  }
}

struct BadRow {
  std::string_view name;
  std::string_view what;  // of kScheme
  std::string_view by;
  std::string_view error;
};

constexpr BadRow kBadSchemes[] = {
    {"unknown members are ignored", R"("cookie":null)", R"("cookie":null,"colour":"red")", ""},
    {"a cookie is not", R"("cookie":null)", R"("cookie":{})",
     "pools[0].cookie: expected null in schema 1"},
    {"schema too new", R"("schema":1)", R"("schema":2)", "schema: 2; expected an integer of 1..1"},
    {"schema too old", R"("schema":1)", R"("schema":0)", "schema: 0; expected an integer of 1..1"},
    {"no schema", R"("schema":1,)", "", "schema: missing; expected an integer of 1..1"},
    {"no member", R"("name":"web",)", "",
     "pools[0].name: missing; expected 1..63 of a-z A-Z 0-9 . _ -, the first a letter or digit"},
    {"negative number", R"("serial":9)", R"("serial":-1)",
     "pools[0].generations[0].serial: -1; expected an integer of 0..18446744073709551615"},
    {"number with a fraction", R"("serial":9)", R"("serial":9.0)",
     "pools[0].generations[0].serial: 9E0; expected an integer of 0..18446744073709551615"},
    {"number as text", R"("id":7)", R"("id":"7")",
     R"(pools[0].id: "7"; expected an integer of 0..4294967295)"},
    {"unknown word", R"("state":"active")", R"("state":"retired")",
     R"(pools[0].generations[0].state: "retired"; expected one of pending, active, draining)"},
    {"unknown algorithm", R"("algorithm":"ff1")", R"("algorithm":"ff3")",
     R"(pools[0].algorithm: "ff3"; expected one of plain, ff1)"},
    {"reserved codepoint", R"("codepoint":1)", R"("codepoint":3)",
     "pools[0].generations[0].codepoint: 3; expected an integer of 0..2"},
    {"ID beyond s bits", R"("id":200)", R"("id":256)",
     "pools[0].members[0].id: 256; expected an integer of 0..255"},
    {"backends beyond the layout", R"("max_backends":128)", R"("max_backends":1024)",
     "pools[0].max_backends: 1024; expected at most 512 with handshake derived and "
     "generation_bits 2"},
    {"table that is no prime", R"("table_size":65537)", R"("table_size":65536)",
     "pools[0].table_size: 65536; expected a prime"},
    {"address", R"("address":"198.18.0.1")", R"("address":"198.18.0.256")",
     R"(pools[0].vips[0].address: "198.18.0.256"; expected an IPv4 or IPv6 address)"},
    {"ports backwards", R"("last":443)", R"("last":442)",
     "pools[0].vips[0].ports[0].last: 442; expected an integer of 443..65535"},
    {"no ports", R"([{"first":443,"last":443}])", "[]",
     "pools[0].vips[0].ports: none; expected at least one range of ports"},
    {"port served twice", R"({"first":443,"last":443})",
     R"({"first":440,"last":443},{"first":443,"last":500})",
     "pools: 198.18.0.1 port 443 is served twice"},
    {"ID twice", R"("members":[)",
     R"("members":[{"id":200,"name":"web0","address":"198.18.0.9","encap":"l2"},)",
     "pools[0].members[1].id: another member has it"},
    {"an ID that is kept from all", R"("reserved_ids":[201])", R"("reserved_ids":[200])",
     "pools[0].reserved_ids[0]: a member has it, or it is named twice"},
    {"a serial above the last", R"("last_serial":9)", R"("last_serial":8)",
     "pools[0].generations[0].serial: expected at most last_serial, the highest ever given"},
    {"list instead of object", R"({"epoch":3,"version":41})", "[3,41]",
     "at: a list; expected an object"},
    {"object instead of list", R"("members":[)", R"("members":{},"members_":[)",
     "pools[0].members: an object; expected a list of at most 256"},
    {"plain with a key", R"("algorithm":"ff1")", R"("algorithm":"plain")",
     "pools[0].generations[0].key: plain has no key"},
    {"a name that would be a terminal's", R"("name":"web")", R"("name":"\u001b[2J")",
     R"(pools[0].name: "?[2J"; expected 1..63 of a-z A-Z 0-9 . _ -, the first a letter or digit)"},
};

TEST(BalancerViewJson, RefusalsNameTheirPlace) {
  for (const BadRow& row : kBadSchemes) {
    SCOPED_TRACE(row.name);
    const auto part = ParseSchemePart(Replaced(kScheme, row.what, row.by));
    ASSERT_EQ(part.has_value(), row.error.empty()) << (part ? "" : part.error().message);
    if (!part) {
      EXPECT_EQ(part.error().message, row.error);
    }
  }
}

TEST(BalancerViewJson, KeysAreInNoError) {
  const auto part = ParseSchemePart(Replaced(kScheme, "f0f1f2f3", "f0f1f2f"));
  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().message, "pools[0].generations[0].key: expected 32 hexadecimal digits");
}

TEST(BalancerViewJson, LoadIsChecked) {
  const auto heavy = ParseLoadPart(Replaced(kLoad, R"("weight":10)", R"("weight":1001)"));
  ASSERT_FALSE(heavy.has_value());
  EXPECT_EQ(heavy.error().message,
            "pools[0].members[0].weight: 1001; expected an integer of 0..1000");
}

TEST(BalancerViewJson, WhatIsCutOffAnywhereIsRefused) {
  for (size_t length = 0; length < kScheme.size(); ++length) {
    EXPECT_FALSE(ParseSchemePart(kScheme.substr(0, length)).has_value()) << length;
  }
  EXPECT_FALSE(ParseSchemePart(std::string(kScheme) + "{}").has_value());
}

}  // namespace
}  // namespace joinery::api
