// Each testdata/*.txt is a transcript: commands, and under "----" what the state machine then wants
// done. `bazel run //lb/follow:follower_test -- --rewrite` makes the outputs anew; take them over
// only if you understand what changed them.
#include "lb/follow/follower.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/digest.h"
#include "api/position_text.h"
#include "settings/golden.h"

namespace joinery::follow {
namespace {

constexpr char kFolder[] = "lb/follow/testdata/";

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

// "1.4/1.7" of a report, and what else it says.
std::string Describe(const api::BalancerReport& report) {
  std::string text = fmt::format("report scheme {} load {}", api::ToString(report.scheme.at),
                                 api::ToString(report.load));
  if (report.rejected) {
    text += fmt::format(" rejected {}: {}", api::ToString(report.rejected->at),
                        report.rejected->reason);
  }
  text += fmt::format(" tables {}{}", report.tables[0], report.ready ? " ready" : "");
  if (report.held) text += " hands back " + api::ToString(report.held->at);
  return text;
}

struct Describer {
  std::string operator()(const action::Build& build) const {
    return fmt::format("build {} with {}", api::ToString(build.view.scheme.stamp.at),
                       api::ToString(build.view.load.stamp.at));
  }
  std::string operator()(const action::StoreScheme& store) const {
    return "store scheme " + api::ToString(store.scheme.stamp.at);
  }
  std::string operator()(const action::StoreLoad& store) const {
    return "store load " + api::ToString(store.load.stamp.at);
  }
  std::string operator()(const action::Swap&) const { return "swap"; }
  std::string operator()(const action::Report& report) const { return Describe(report.report); }
  std::string operator()(const action::SetAnnounce& announce) const {
    return fmt::format("announce {}: {}", Name(announce.announce), announce.why);
  }
  std::string operator()(const action::Say& say) const {
    return (say.trouble ? "trouble: " : "say: ") + say.text;
  }
};

// One balancer, and the words of the transcripts.
class World {
 public:
  // What the command brings about, a line each.
  std::string Run(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "wait") {
      int64_t ms = 0;
      words >> ms;
      clock_.Advance(std::chrono::milliseconds(ms));
      return Deadline();
    }
    return Print(Step(state_, EventOf(verb, words), clock_.Now()));
  }

 private:
  static std::string Rest(std::istream& words) {
    std::string rest;
    std::getline(words >> std::ws, rest);
    return rest;
  }
  static api::Position At(std::istream& words) {
    std::string text;
    words >> text;
    return api::ParsePosition(text).value();
  }
  static std::vector<BackendId> Ids(std::istream& words) {
    std::vector<BackendId> ids;
    for (uint16_t id = 0; words >> id;) ids.emplace_back(id);
    return ids;
  }
  template <typename Part>
  static Held<Part> Hold(Part part, const std::string& bytes) {
    return {.stamp = {part.at, api::DigestOf(bytes)},
            .part = std::make_shared<const Part>(std::move(part)),
            .bytes = std::make_shared<const std::string>(bytes)};
  }
  // "1.4 BYTES ID..."
  static Scheme SchemeOf(std::istream& words) {
    api::SchemePart part{.at = At(words), .pools = {}};
    std::string bytes;
    words >> bytes;
    api::PoolScheme pool;
    pool.name = "web";
    pool.id = PoolId(1);
    for (const BackendId id : Ids(words)) {
      pool.members.push_back({.id = id, .name = fmt::format("b{}", id.value()), .address = {}});
    }
    part.pools.push_back(std::move(pool));
    return Hold(std::move(part), bytes);
  }
  // "1.7 BYTES 1.4 ID...": for the scheme part 1.4
  static Load LoadOf(std::istream& words) {
    api::LoadPart part;
    part.at = At(words);
    std::string bytes;
    words >> bytes;
    part.scheme = At(words);
    api::PoolLoad pool{.id = PoolId(1), .members = {}};
    for (const BackendId id : Ids(words)) pool.members.push_back({.id = id});
    part.pools.push_back(std::move(pool));
    return Hold(std::move(part), bytes);
  }
  static api::Digest Tables(std::istream& words) {
    int first = 0;
    words >> first;
    api::Digest tables{};
    tables[0] = static_cast<uint8_t>(first);
    return tables;
  }
  static event::Restored RestoredOf(std::istream& words) {
    event::Restored restored;
    std::string scheme;
    std::string load;
    std::getline(words, scheme, '+');
    std::getline(words, load);
    std::istringstream scheme_words(scheme);
    std::istringstream load_words(load);
    restored.view = {SchemeOf(scheme_words), LoadOf(load_words)};
    return restored;
  }
  static api::BalancerReply ReplyOf(std::istream& words) {
    api::BalancerReply reply;
    for (std::string word; words >> word;) {
      if (word == "behind") {
        reply.behind = true;
      } else if (word == "lease") {
        reply.lease = true;
        words >> reply.lease_ms;
      } else if (word == "send-scheme") {
        reply.send_scheme = true;
      } else {
        ADD_FAILURE() << word;
      }
    }
    return reply;
  }
  static Event EventOf(const std::string& verb, std::istream& words) {
    if (verb == "scheme") return event::SchemeCame{SchemeOf(words)};
    if (verb == "load") return event::LoadCame{LoadOf(words)};
    if (verb == "restored") return RestoredOf(words);
    if (verb == "unreadable") {
      const api::Position at = At(words);
      return event::Unreadable{at, Rest(words)};
    }
    if (verb == "built") return event::Built{};
    if (verb == "not-built") return event::NotBuilt{Rest(words)};
    if (verb == "scheme-stored") return event::SchemeStored{};
    if (verb == "scheme-not-stored") return event::SchemeNotStored{Rest(words)};
    if (verb == "load-stored") return event::LoadStored{};
    if (verb == "load-not-stored") return event::LoadNotStored{Rest(words)};
    if (verb == "in-force") return event::InForce{Tables(words)};
    if (verb == "rebuilt") return event::Rebuilt{Tables(words)};
    if (verb == "ready") return event::Ready{true};
    if (verb == "answer") return event::Answered{ReplyOf(words)};
    if (verb == "no-answer") return event::NotAnswered{Rest(words)};
    if (verb == "contact") return event::Contact{};
    if (verb == "silence") return event::Silence{Rest(words)};
    EXPECT_EQ(verb, "tick");
    return event::Tick{};
  }

  [[nodiscard]] std::string Print(const Actions& actions) const {
    std::string text;
    for (const Action& action : actions) text += std::visit(Describer{}, action) + "\n";
    return text.empty() ? "nothing\n" : text;
  }
  [[nodiscard]] std::string Deadline() const {
    const auto at = NextDeadline(state_);
    if (!at) return "nothing is due\n";
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(*at - clock_.Now()).count();
    return left > 0 ? fmt::format("due in {} ms\n", left) : "due\n";
  }

  ManualClock clock_;
  State state_;
};

// The transcript with the outputs of today.
std::string Replay(const std::string& text) {
  World world;
  std::istringstream lines(text);
  std::string out;
  bool in_output = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "----") in_output = true;
    if (line.empty()) in_output = false;
    if (in_output) continue;
    out += line + "\n";
    if (!line.empty() && line.front() != '#') out += "----\n" + world.Run(line);
  }
  return out;
}

class Transcript : public testing::TestWithParam<std::string> {};

TEST_P(Transcript, Holds) {
  const std::string path = kFolder + GetParam() + ".txt";
  settings::ExpectGolden(path, Replay(settings::ReadSource(path)));
}

INSTANTIATE_TEST_SUITE_P(Follower, Transcript, testing::ValuesIn(Names()),
                         [](const auto& row) { return row.param; });

api::Sequence SequenceIn(const Actions& actions) {
  for (const Action& action : actions) {
    if (const auto* report = std::get_if<action::Report>(&action)) return report->report.sequence;
  }
  ADD_FAILURE() << "no report";
  return {};
}

// Control takes a number that it has seen for a report that was held up, and grants nothing.
TEST(Reports, AreNumberedInTheirSession) {
  constexpr Instant kNow{};
  State state;
  state.sequence.session = 7;
  EXPECT_EQ(SequenceIn(Step(state, event::Ready{true}, kNow)),
            (api::Sequence{.session = 7, .number = 1}));
  EXPECT_FALSE(Step(state, event::Answered{}, kNow).empty());
  EXPECT_EQ(SequenceIn(Step(state, event::Rebuilt{}, kNow)),
            (api::Sequence{.session = 7, .number = 2}));
}

TEST(Transcripts, AreThere) { EXPECT_GE(Names().size(), 10U); }

}  // namespace
}  // namespace joinery::follow
