// The rules of docs/protocol.md section 3 by name, where the code obeys them: Holds(Rule::kX,
// condition) is the condition, and Obeys(Rule::kX) is true. In the library that the simulator's
// mutants use (JOINERY_MUTANTS) a rule can be broken, one at a time; in every other build both
// say just that.
#pragma once

#include <cstdint>
#include <string_view>

namespace joinery::control {

// Name, and what it says.
#define JOINERY_CONTROL_RULES(X)                                                               \
  /* Of control. */                                                                            \
  X(kLeasedMustConfirm, "I1: activation waits for every balancer that holds a lease")          \
  X(kRemovedBalancerKeepsLease,                                                                \
    "I1: a balancer taken from the inventory counts until its lease ends")                     \
  X(kEarlierLeasesCount,                                                                       \
    "I1: after a start, leases of the run before count until they have ended")                 \
  X(kQuorumMustConfirm, "activation waits for a quorum of all balancers")                      \
  X(kCodepointMustBeFree, "I2: a codepoint gets a new key only after its generation retired")  \
  X(kSerialsGrow, "I2: a serial is never given again")                                         \
  X(kIdWaitsForGenerations, "I3: an ID waits until all it encoded under has retired")          \
  X(kIdWaitsForQuarantine, "I3: an ID waits for quarantine_h")                                 \
  X(kIdIsKept, "I3: a backend that returns under its name keeps its ID")                       \
  X(kLeaseNeedsBarrier, "I4: a lease needs the barrier version")                               \
  X(kLeaseNeedsLoad, "I5: a lease needs a load part that names all who encode, and no others") \
  X(kLeaseHasMargin, "I4: control holds a lease for longer than the balancer")                 \
  X(kDecodableBeforePlaced, "I5: an ID is placed on only when leased balancers decode it")     \
  X(kNamedBeforePlaced, "I5: an ID is placed on only when leased balancers can reach it")      \
  X(kPlacementLeavesFirst, "I5: an ID leaves placement before it leaves decoding")             \
  X(kArrivesSilent, "I9: a backend is placed on only when its agent says it encodes nothing")  \
  X(kDownStaysReachable, "I6: down stops new connections only")                                \
  X(kEpochGrows, "I8: each start adds one to the epoch")                                       \
  X(kStartWaitsForAll, "I8: a start publishes nothing until all have reported")                \
  X(kOldStateIsRecognised, "I8: a state older than its receivers takes theirs over")           \
  X(kForeignBytesConfirmNothing, "I8: other bytes under a position confirm nothing")           \
  X(kEncodesCurrentView, "I9: an agent may encode only under its newest view")                 \
  X(kFlushedBeforeGone, "I9: a backend is empty only after it was told to encode nothing")     \
  X(kRetireWaitsForAllTold, "retirement waits for every backend ever told")                    \
  X(kRetireHolds, "retirement waits for retire_hold_s of zero")                                \
  X(kZeroIsOfDraining, "zero counts only from a view that has the generation as draining")     \
  X(kTwoFreeCodepoints, "a routine rotation needs two free codepoints")                        \
  /* Of those who follow it; the simulator's nodes obey them as the programs do. */            \
  X(kDurableBeforeConfirm, "a view is durable before it is confirmed")                         \
  X(kNobodyGoesBack, "I8: nobody applies a lower position")                                    \
  X(kLeaseFromSending, "I4: a lease counts from the sending of its renewal")                   \
  X(kLeaseDiesWithRestart, "I4: a restarted balancer has no lease until it has confirmed")     \
  X(kReservedUntilAllowed, "I9: after a load of the module the reserved codepoint")            \
  X(kAnswerIsForItsView, "I9: an answer to an agent is for one view and one encoder")          \
  X(kFlushedBeforeZero, "I9: zero is reported only after the keys are flushed")

enum class Rule : uint8_t {
#define JOINERY_RULE(name, text) name,
  JOINERY_CONTROL_RULES(JOINERY_RULE)
#undef JOINERY_RULE
};

struct RuleText {
  Rule rule;
  std::string_view name;
  std::string_view says;
};

inline constexpr RuleText kRules[] = {
#define JOINERY_RULE(name, text) {Rule::name, std::string_view(#name).substr(1), text},
    JOINERY_CONTROL_RULES(JOINERY_RULE)
#undef JOINERY_RULE
};

#ifdef JOINERY_MUTANTS
inline const RuleText* broken_rule = nullptr;  // none

[[nodiscard]] inline bool Obeys(Rule rule) noexcept {
  return broken_rule == nullptr || broken_rule->rule != rule;
}
#else
[[nodiscard]] constexpr bool Obeys(Rule /*rule*/) noexcept { return true; }
#endif

// `condition`, unless the rule that asks for it is broken.
[[nodiscard]] constexpr bool Holds(Rule rule, bool condition) noexcept {
  return condition || !Obeys(rule);
}

}  // namespace joinery::control
