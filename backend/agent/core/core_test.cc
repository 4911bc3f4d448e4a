// What transcripts (transcript_test.cc) do not show: the keys behind the actions.
#include "backend/agent/core/core.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

const crypto::Key128 kKey(crypto::Key128::Bytes{0xde, 0xad, 0xbe, 0xef});

api::AgentView View(uint64_t version) {
  api::AgentView view;
  view.at = {1, version};
  view.pool_id = PoolId(7);
  view.id = BackendId(23);
  view.active = api::SchemeGeneration{.codepoint = Codepoint(0),
                                      .serial = Serial(1),
                                      .state = settings::GenerationState::kActive,
                                      .key = kKey};
  return view;
}

template <typename T>
const T* Find(const Actions& actions) {
  for (const Action& action : actions) {
    if (const T* found = std::get_if<T>(&action)) return found;
  }
  return nullptr;
}

// A core whose view and encoder are there, confirmed.
class CoreTest : public testing::Test {
 protected:
  void SetUp() override {
    static_cast<void>(core_.Step(ViewCame{.view = View(1), .stamp = {.at = {1, 1}, .digest = {}}}));
    static_cast<void>(core_.Step(RecordKept{}));
    static_cast<void>(core_.Step(EncoderRead{{.incarnation = 9}}));
    static_cast<void>(core_.Step(
        Answered{.view = {.at = {1, 1}, .digest = {}}, .incarnation = 9, .may_encode = true}));
    set_ = core_.Step(RecordKept{});
  }

  Core core_{Self{}, std::nullopt};
  Actions set_;
};

TEST_F(CoreTest, EncodesUnderTheKeyOfTheView) {
  const auto* set = Find<SetEncoder>(set_);
  ASSERT_NE(set, nullptr);
  EXPECT_EQ(set->under.generation.key, kKey);
  EXPECT_EQ(set->under.scheme.generation_bits(), 2);
  EXPECT_EQ(set->under.scheme.id_bits(), 8);
}

TEST_F(CoreTest, LeasesOnlyWhatTheEncoderTook) {
  EXPECT_EQ(Find<LeaseUnder>(set_), nullptr);
  const EncoderState state{.incarnation = 9,
                           .scheme = kmod::ActiveScheme{.pool = PoolId(7),
                                                        .backend = BackendId(23),
                                                        .codepoint = Codepoint(0),
                                                        .serial = Serial(1)},
                           .keys = 0};
  const Actions after = core_.Step(EncoderSet{.error = "", .state = state});
  const auto* lease = Find<LeaseUnder>(after);
  ASSERT_NE(lease, nullptr);
  ASSERT_TRUE(lease->under);
  EXPECT_EQ(lease->under->generation.key, kKey);
}

TEST_F(CoreTest, CountsWithTheKeysItKnows) {
  const Actions actions = core_.Step(Tick{});
  const auto* count = Find<CountUses>(actions);
  ASSERT_NE(count, nullptr);
  ASSERT_EQ(count->generations.size(), 1U);
  EXPECT_EQ(count->generations[0].key, kKey);
}

TEST_F(CoreTest, PrintsNoKey) {
  Actions all = set_;
  for (const Event& event : {Event(Tick{}), Event(UsesCounted{})}) {
    for (const Action& action : core_.Step(event)) all.push_back(action);
  }
  for (const Action& action : all) {
    EXPECT_EQ(ToString(action).find("deadbeef"), std::string::npos);
    EXPECT_FALSE(ToString(action).empty());
  }
}

TEST_F(CoreTest, RefusesWhatItCannotRead) {
  static_cast<void>(core_.Step(ViewUnreadable{.at = {1, 2}, .reason = "no JSON"}));
  const Actions actions = core_.Step(UsesCounted{});
  const auto* report = Find<SendReport>(actions);
  ASSERT_NE(report, nullptr);
  ASSERT_TRUE(report->report.rejected);
  EXPECT_EQ(report->report.rejected->reason, "no JSON");
  EXPECT_EQ(report->report.view.at, (api::Position{1, 1})) << "what was in force stays";
}

TEST_F(CoreTest, SendsWhatTheServerChecksFound) {
  static_cast<void>(core_.Step(FindingsMade{{{.name = "mtu", .ok = true, .detail = "1500"}}}));
  static_cast<void>(core_.Step(Tick{}));
  const Actions actions = core_.Step(UsesCounted{});
  const auto* report = Find<SendReport>(actions);
  ASSERT_NE(report, nullptr);
  ASSERT_EQ(report->report.findings.size(), 1U);
  EXPECT_EQ(report->report.findings[0].name, "mtu");
}

}  // namespace
}  // namespace joinery::agent
