#include "control/daemon/command_json.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

const BackendRef kB1{.pool = "web", .backend = "b1"};

template <typename T>
T Parse(std::string_view name, std::string_view members) {
  const auto event = ParseCommand(name, "{\"schema\":1," + std::string(members) + "}");
  EXPECT_TRUE(event) << event.error().message;
  EXPECT_TRUE(event && std::holds_alternative<T>(*event)) << name;
  return event && std::holds_alternative<T>(*event) ? std::get<T>(*event) : T{};
}

constexpr std::string_view kRef = R"("pool":"web","backend":"b1")";

std::string Ref(std::string_view more) { return std::string(kRef) + "," + std::string(more); }

TEST(CommandJson, Backends) {
  EXPECT_EQ(Parse<Drain>("drain", kRef).backend, kB1);
  EXPECT_FALSE(Parse<Drain>("drain", kRef).deadline);
  EXPECT_EQ(Parse<Drain>("drain", Ref("\"deadline_s\":60")).deadline, seconds(60));
  EXPECT_EQ(Parse<Undrain>("undrain", kRef).backend, kB1);
  EXPECT_EQ(Parse<MarkFailed>("fail", kRef).backend, kB1);
  EXPECT_EQ(Parse<Restore>("restore", kRef).backend, kB1);
  EXPECT_EQ(Parse<SetWeight>("weight", Ref("\"weight\":7")).weight, 7U);
  EXPECT_FALSE(Parse<RemoveBackend>("remove", kRef).force);
  EXPECT_TRUE(Parse<RemoveBackend>("remove", Ref("\"force\":true")).force);
  const AddBackend add =
      Parse<AddBackend>("add", Ref(R"("address":"198.18.0.9","encap":"gue","weight":3)"));
  EXPECT_EQ(ToString(add.endpoint.address), "198.18.0.9");
  EXPECT_EQ(add.endpoint.encap, settings::Encap::kGue);
  EXPECT_EQ(add.endpoint.weight, 3U);
}

TEST(CommandJson, Generations) {
  EXPECT_EQ(Parse<Rotate>("rotate", R"("pool":"web")").pool, "web");
  EXPECT_FALSE(Parse<Rotate>("rotate", R"("pool":"web")").emergency);
  EXPECT_TRUE(Parse<Rotate>("rotate", R"("pool":"web","emergency":true)").emergency);
  EXPECT_FALSE(Parse<Rollback>("rollback", R"("pool":"web")").serial);
  EXPECT_EQ(Parse<Rollback>("rollback", R"("pool":"web","serial":4)").serial, Serial(4));
  EXPECT_EQ(Parse<Abort>("abort", R"("pool":"web")").pool, "web");
  EXPECT_EQ(Parse<ForceRetire>("retire", R"("pool":"web","serial":4)").serial, Serial(4));
}

TEST(CommandJson, Recover) {
  const Recover recover = Parse<Recover>("recover", R"("balancers":["lb1"],"agents":["web/b1"])");
  EXPECT_TRUE(recover.balancers.contains("lb1"));
  EXPECT_TRUE(recover.agents.contains(kB1));
}

struct BadCase {
  const char* name;
  const char* command;
  const char* json;
  const char* error;
};

const BadCase kBad[] = {
    {"unknown command", "rotat", "{}", "there is no command rotat; there are abort, add, "},
    {"no JSON", "rotate", "", "rotate takes pool, emergency?: not JSON"},
    {"no pool", "rotate", R"({"schema":1})", "rotate takes pool, emergency?: pool: "},
    {"weight too large", "weight", R"({"schema":1,"pool":"w","backend":"b","weight":1001})",
     "weight: 1001; expected an integer of 0..1000"},
    {"no backend in a name", "recover", R"({"schema":1,"balancers":[],"agents":["web"]})",
     "expected POOL/BACKEND"},
};

TEST(CommandJson, SaysWhatIsWrong) {
  for (const BadCase& row : kBad) {
    const auto event = ParseCommand(row.command, row.json);
    ASSERT_FALSE(event) << row.name;
    EXPECT_NE(event.error().message.find(row.error), std::string::npos)
        << row.name << ": " << event.error().message;
  }
}

TEST(CommandJson, ListsAllInOrder) {
  EXPECT_TRUE(std::ranges::is_sorted(Commands(), {}, &CommandInfo::name));
}

}  // namespace
}  // namespace joinery::control
