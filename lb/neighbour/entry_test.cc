#include "lb/neighbour/entry.h"

#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace joinery::neighbour {
namespace {

constexpr MacAddress kMacA{{2, 0, 0, 0, 0, 0xa}};
constexpr MacAddress kMacB{{2, 0, 0, 0, 0, 0xb}};

std::string_view Text(Action action) {
  switch (action) {
    case Action::kNone:
      return "-";
    case Action::kAskAll:
      return "ask_all";
    case Action::kAskOne:
      return "ask_one";
  }
  return "?";
}

Event Parse(std::string_view word) {
  if (word == "demand") return {EventKind::kDemand, {}};
  if (word == "answered:a") return {EventKind::kAnswered, kMacA};
  if (word == "answered:b") return {EventKind::kAnswered, kMacB};
  if (word == "heard:a") return {EventKind::kHeard, kMacA};
  if (word == "heard:b") return {EventKind::kHeard, kMacB};
  EXPECT_EQ(word, "tick") << "the script has an event that is none";
  return {EventKind::kTick, {}};
}

std::string_view MacName(const Entry& entry) {
  if (!IsUsable(entry.state)) return "none";
  return entry.mac == kMacA ? "a" : "b";
}

// Plays "SECONDS EVENT ..." lines and writes what each led to: the script with its right side.
std::string Play(const std::string& script) {
  Entry entry = MakeEntry(Instant{});
  std::istringstream lines(script);
  std::string played;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    double seconds = 0;
    std::string event;
    words >> seconds >> event;
    const Instant now{Nanoseconds(static_cast<int64_t>(seconds * 1e9))};
    const Action action = Step(entry, Parse(event), now, Timing{});
    played += fmt::format("{:>5} {:<10} -> {:<7} {} {}\n", seconds, event, Text(action),
                          Name(entry.state), MacName(entry));
  }
  return played;
}

struct Case {
  const char* name;
  const char* script;
};

class EntryTest : public testing::TestWithParam<Case> {};

TEST_P(EntryTest, Transcript) { EXPECT_EQ(Play(GetParam().script), GetParam().script); }

INSTANTIATE_TEST_SUITE_P(
    Lives, EntryTest,
    testing::Values(Case{.name = "AnswersAtOnce",
                         .script = "    0 tick       -> ask_all incomplete none\n"
                                   "  0.1 answered:a -> -       reachable a\n"
                                   "   30 tick       -> -       reachable a\n"},
                    Case{.name = "RetriesOncePerSecondThenGivesUp",
                         .script = "    0 tick       -> ask_all incomplete none\n"
                                   "  0.5 tick       -> -       incomplete none\n"
                                   "    1 tick       -> ask_all incomplete none\n"
                                   "    2 tick       -> ask_all incomplete none\n"
                                   "    3 tick       -> -       unreachable none\n"
                                   "   12 tick       -> -       unreachable none\n"
                                   "   13 tick       -> ask_all unreachable none\n"
                                   "   14 tick       -> -       unreachable none\n"
                                   "   23 tick       -> ask_all unreachable none\n"
                                   " 23.2 answered:a -> -       reachable a\n"},
                    Case{.name = "AQuietOneIsProbedAndStaysInUse",
                         .script = "    0 tick       -> ask_all incomplete none\n"
                                   "    0 answered:a -> -       reachable a\n"
                                   "   31 tick       -> ask_one stale a\n"
                                   "   32 tick       -> ask_one stale a\n"
                                   "   33 tick       -> ask_one stale a\n"
                                   " 33.5 answered:a -> -       reachable a\n"
                                   "   63 tick       -> -       reachable a\n"},
                    Case{.name = "ASilentOneBecomesUnreachable",
                         .script = "    0 answered:a -> -       reachable a\n"
                                   "   30 tick       -> ask_one stale a\n"
                                   "   31 tick       -> ask_one stale a\n"
                                   "   32 tick       -> ask_one stale a\n"
                                   "   33 tick       -> -       unreachable none\n"},
                    Case{.name = "TrafficAsksAnUnreachableOneSoonerButAtMostOncePerSecond",
                         .script = "    0 tick       -> ask_all incomplete none\n"
                                   "  0.1 demand     -> -       incomplete none\n"
                                   "    1 tick       -> ask_all incomplete none\n"
                                   "    2 tick       -> ask_all incomplete none\n"
                                   "    3 tick       -> -       unreachable none\n"
                                   "  3.1 demand     -> ask_all unreachable none\n"
                                   "  3.2 demand     -> -       unreachable none\n"
                                   "  4.2 demand     -> ask_all unreachable none\n"},
                    Case{.name = "HearingTheSameAddressProvesNothing",
                         .script = "    0 answered:a -> -       reachable a\n"
                                   "   20 heard:a    -> -       reachable a\n"
                                   "   30 tick       -> ask_one stale a\n"},
                    Case{.name = "HearingAnotherAddressIsUsedAndVerified",
                         .script = "    0 answered:a -> -       reachable a\n"
                                   "    5 heard:b    -> -       stale b\n"
                                   "    5 tick       -> ask_one stale b\n"
                                   "  5.1 answered:b -> -       reachable b\n"},
                    Case{.name = "HearingResolvesAnIncompleteOne",
                         .script = "    0 tick       -> ask_all incomplete none\n"
                                   "  0.5 heard:b    -> -       stale b\n"},
                    Case{.name = "AnAnswerWithAnotherAddressWins",
                         .script = "    0 answered:a -> -       reachable a\n"
                                   "    1 answered:b -> -       reachable b\n"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace joinery::neighbour
