#include "backend/agent/core/view_rules.h"

#include <functional>

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

const crypto::Key128 kKey(crypto::Key128::Bytes{1});
const crypto::Key128 kOtherKey(crypto::Key128::Bytes{2});
const Self kSelf{.pool = "web", .backend = "web1"};

api::AgentView ViewAt(uint64_t epoch, uint64_t version) {
  api::AgentView view;
  view.at = {epoch, version};
  view.backend = "web1";
  view.pool = "web";
  view.pool_id = PoolId(7);
  view.id = BackendId(23);
  view.active = api::SchemeGeneration{.codepoint = Codepoint(1),
                                      .serial = Serial(5),
                                      .state = settings::GenerationState::kActive,
                                      .key = kKey};
  view.draining = {{.codepoint = Codepoint(0), .serial = Serial(4)}};
  return view;
}

api::Stamp StampOf(const api::AgentView& view, uint8_t digest = 1) {
  api::Stamp stamp{.at = view.at, .digest = {}};
  stamp.digest.fill(digest);
  return stamp;
}

Record After(const api::AgentView& view) {
  const auto record = Admit({}, kSelf, view, StampOf(view));
  EXPECT_TRUE(record) << record.error().message;
  return record ? *record : Record{};
}

TEST(Admit, NotesWhatItWasTold) {
  const Record record = After(ViewAt(2, 3));
  EXPECT_EQ(record.view.at, (api::Position{2, 3}));
  EXPECT_EQ(record.pool_id, PoolId(7));
  EXPECT_EQ(record.id, BackendId(23));
  ASSERT_EQ(record.told.size(), 2U);
  EXPECT_EQ(record.told[0],
            (ToldGeneration{.codepoint = Codepoint(0), .serial = Serial(4), .key = {}}));
  EXPECT_EQ(record.told[1],
            (ToldGeneration{.codepoint = Codepoint(1), .serial = Serial(5), .key = HashOf(kKey)}));
}

TEST(Admit, TakesTheSameViewAgain) {
  const Record record = After(ViewAt(2, 3));
  const auto again = Admit(record, kSelf, ViewAt(2, 3), StampOf(ViewAt(2, 3)));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, record);
}

struct Row {
  const char* name;
  std::function<void(api::AgentView&)> change;
  const char* reason;  // part of it; empty: accepted
  uint8_t digest = 1;
};

// Each is the second view, after ViewAt(2, 3).
const Row kRows[] = {
    {.name = "a higher version",
     .change =
         [](auto& v) {
           v.at = {2, 4};
         },
     .reason = ""},
    {.name = "a higher epoch",
     .change =
         [](auto& v) {
           v.at = {3, 1};
         },
     .reason = ""},
    {.name = "a lower version",
     .change =
         [](auto& v) {
           v.at = {2, 2};
         },
     .reason = "lower"},
    {.name = "a lower epoch",
     .change =
         [](auto& v) {
           v.at = {1, 9};
         },
     .reason = "lower"},
    {.name = "other bytes under the same position",
     .change = [](auto& v) { v.drain = true; },
     .reason = "other bytes",
     .digest = 2},
    {.name = "the codepoint with a lower serial",
     .change = [](auto& v) { v.at.version = 4, v.active->serial = Serial(3); },
     .reason = "stood for 5"},
    {.name = "the serial with another key",
     .change = [](auto& v) { v.at.version = 4, v.active->key = kOtherKey; },
     .reason = "another key"},
    {.name = "the codepoint again, with a greater serial",
     .change =
         [](auto& v) {
           v.at.version = 4;
           v.active->serial = Serial(6);
           v.active->key = kOtherKey;
         },
     .reason = ""},
    {.name = "rollback to what drained",
     .change =
         [](auto& v) {
           v.at.version = 4;
           std::swap(v.active->codepoint, v.draining[0].codepoint);
           std::swap(v.active->serial, v.draining[0].serial);
           v.active->key = kOtherKey;
         },
     .reason = ""},
    {.name = "a lower serial that drains",
     .change = [](auto& v) { v.at.version = 4, v.draining[0].serial = Serial(2); },
     .reason = "stood for 4"},
    {.name = "a codepoint twice",
     .change = [](auto& v) { v.at.version = 4, v.draining[0].codepoint = Codepoint(1); },
     .reason = "two generations"},
    {.name = "a serial twice",
     .change = [](auto& v) { v.at.version = 4, v.draining[0].serial = Serial(5); },
     .reason = "given twice"},
    {.name = "the reserved codepoint",
     .change = [](auto& v) { v.at.version = 4, v.active->codepoint = Codepoint(3); },
     .reason = "allowed 0..2"},
    {.name = "another backend",
     .change = [](auto& v) { v.at.version = 4, v.backend = "web2"; },
     .reason = "backend web2"},
    {.name = "another pool",
     .change = [](auto& v) { v.at.version = 4, v.pool = "mail"; },
     .reason = "pool mail"},
    {.name = "an ID that does not fit",
     .change = [](auto& v) { v.at.version = 4, v.id = BackendId(256); },
     .reason = "allowed 0..255"},
    {.name = "too many bits for derived tokens",
     .change = [](auto& v) { v.at.version = 4, v.max_backends = 1024; },
     .reason = "derived"},
    {.name = "the same bits for explicit tokens",
     .change =
         [](auto& v) {
           v.at.version = 4;
           v.max_backends = 1024;
           v.handshake = settings::Handshake::kExplicit;
         },
     .reason = ""},
    {.name = "a generation where there is no scheme",
     .change = [](auto& v) { v.at.version = 4, v.handshake = settings::Handshake::kNone; },
     .reason = "handshake none"},
    {.name = "nothing active",
     .change = [](auto& v) { v.at.version = 4, v.active.reset(); },
     .reason = ""},
};

TEST(Admit, HoldsTheRules) {
  const Record before = After(ViewAt(2, 3));
  for (const Row& row : kRows) {
    api::AgentView view = ViewAt(2, 3);
    row.change(view);
    const auto record = Admit(before, kSelf, view, StampOf(view, row.digest));
    if (*row.reason == '\0') {
      EXPECT_TRUE(record) << row.name << ": " << record.error().message;
    } else {
      ASSERT_FALSE(record) << row.name;
      EXPECT_NE(record.error().message.find(row.reason), std::string::npos)
          << row.name << ": " << record.error().message;
    }
  }
}

TEST(Admit, RefusesAViewThatCameUnderAnotherPosition) {
  api::Stamp stamp = StampOf(ViewAt(2, 3));
  stamp.at.version = 4;
  EXPECT_FALSE(Admit({}, kSelf, ViewAt(2, 3), stamp));
}

TEST(Admit, BeginsAnewInAnotherPool) {
  const Record before = After(ViewAt(2, 3));
  api::AgentView view = ViewAt(2, 4);
  view.pool_id = PoolId(8);
  view.active->serial = Serial(1);
  view.draining.clear();
  const auto record = Admit(before, kSelf, view, StampOf(view));
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->told.size(), 1U);
}

}  // namespace
}  // namespace joinery::agent
