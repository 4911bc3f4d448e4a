// What an agent decides: which view it takes, what the encoder (the kernel module) may make tokens
// under, what it reports. A pure state machine: Step(event) -> actions; whoever runs it carries the
// actions out in their order and feeds what came of them back as events. docs/protocol.md section
// 3, I2, I8 and I9.
//
//   ViewCame -> KeepRecord -> RecordKept -> SendReport -> Answered(may encode)
//            -> KeepRecord -> RecordKept -> SetEncoder -> EncoderSet -> CountUses -> SendReport
//
// A view is confirmed only after its record is durable, and encoded under only after control has
// answered that report to this incarnation of the encoder. Without control everything stays as it
// is. Scheme keys are in memory only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/agent_view.h"
#include "api/reports.h"
#include "backend/agent/core/record.h"
#include "backend/agent/core/view_rules.h"
#include "backend/kmod/loader/module_status.h"
#include "tokenmap/scheme.h"

namespace joinery::agent {

// The encoder as it says itself.
struct EncoderState {
  uint64_t incarnation = 0;  // 0: there is none
  std::optional<kmod::ActiveScheme> scheme{};
  uint32_t keys = 0;  // sampled ahead under it
};

// A generation that live connections may have tokens of.
struct LiveGeneration {
  Codepoint codepoint;
  Serial serial;
  std::optional<crypto::Key128> key;  // known: only tokens that name this backend count
};

// What to encode under: for the kernel module and for leases.
struct EncodeUnder {
  tokenmap::Scheme scheme;
  BackendId id;
  tokenmap::GenerationKey generation;
};

// Events.
struct ViewCame {
  api::AgentView view;
  api::Stamp stamp;
};
// One that is no view, or could not be read.
struct ViewUnreadable {
  api::Position at;
  std::string reason;
};
struct RecordKept {
  std::string error;  // empty: it is durable
};
struct EncoderRead {
  EncoderState state;
};
struct EncoderSet {
  std::string error;  // empty: done, older keys are gone
  EncoderState state;
};
// Control's answer to a report.
struct Answered {
  api::Stamp view;           // as the report said
  uint64_t incarnation = 0;  // as the report said
  bool may_encode = false;
};
struct UsesCounted {
  std::string error;                  // not empty: they could not be counted
  std::map<Serial, uint32_t> tokens;  // of the kernel's connections
  std::map<Serial, uint32_t> leased;  // tokens and keys that user-space stacks hold
  uint32_t foreign = 0;               // tokens that name another backend or no known generation
  uint32_t connections = 0;           // TCP connections to the pool's VIPs
  uint64_t oldest_s = 0;
};
struct FindingsMade {
  std::vector<api::Finding> findings;
};
// Each report_interval.
struct Tick {};
using Event = std::variant<ViewCame, ViewUnreadable, RecordKept, EncoderRead, EncoderSet, Answered,
                           UsesCounted, FindingsMade, Tick>;

// Actions.
struct KeepRecord {  // durably; then RecordKept
  Record record;
};
struct LoadEncoder {};  // into the kernel, if it may be; then EncoderRead
struct ReadEncoder {};  // then EncoderRead
struct SetEncoder {     // then EncoderSet
  EncodeUnder under;
};
struct ClearEncoder {};  // then EncoderSet
// What leases are made of from now on; none: there are none to be had.
struct LeaseUnder {
  std::optional<EncodeUnder> under;
};
struct CountUses {                         // then UsesCounted
  uint8_t generation_bits = 0;             // r; 0: there was never a view, and so no token
  std::optional<tokenmap::Scheme> scheme;  // with a view only
  BackendId id;
  std::vector<LiveGeneration> generations;
  std::vector<api::ServedVip> vips;
};
struct SendReport {  // then, if control answers, Answered
  api::AgentReport report;
};
struct Say {
  enum class Level : uint8_t { kInfo, kWarning, kError };
  Level level = Level::kInfo;
  std::string text;
};
using Action = std::variant<KeepRecord, LoadEncoder, ReadEncoder, SetEncoder, ClearEncoder,
                            LeaseUnder, CountUses, SendReport, Say>;
using Actions = std::vector<Action>;

// "keep record 2.3 told 0:4 1:5", for transcripts and logs; never a key.
[[nodiscard]] std::string ToString(const Action& action);

// Not thread-safe.
class Core {
 public:
  // `record` is what was kept last; none on the first start ever.
  Core(Self self, std::optional<Record> record);

  [[nodiscard]] Actions Step(const Event& event);

  // For status and tests.
  [[nodiscard]] const Record& record() const noexcept { return record_; }
  [[nodiscard]] const std::optional<api::AgentView>& view() const noexcept { return view_; }
  [[nodiscard]] const EncoderState& encoder() const noexcept { return encoder_; }
  [[nodiscard]] const UsesCounted& uses() const noexcept { return uses_; }
  // The last view that came, if it was refused.
  [[nodiscard]] const std::optional<api::Rejection>& rejected() const noexcept { return rejected_; }
  [[nodiscard]] bool draining() const noexcept { return view_ && view_->drain; }

 private:
  // What a record that is being kept is for.
  struct Keeping {
    Record record;
    std::optional<api::AgentView> view;  // the view it accepts; none: what control confirmed
  };

  void On(const ViewCame& event);
  void On(const ViewUnreadable& event);
  void On(const RecordKept& event);
  void On(const EncoderRead& event);
  void On(const EncoderSet& event);
  void On(const Answered& event);
  void On(const UsesCounted& event);
  void On(const FindingsMade& event);
  void On(const Tick& event);

  void Hold(const api::AgentView& view);
  void TakeEncoderState(const EncoderState& state);
  void Reject(const api::Position& at, const std::string& reason);
  void ReportSoon();
  void StopLeases();
  void Lease();
  void Log(Say::Level level, std::string text);

  // Whether the encoder runs what control has confirmed to it.
  [[nodiscard]] bool IsConfirmed(const EncoderState& state) const noexcept;
  [[nodiscard]] bool IsInView(Serial serial) const noexcept;
  [[nodiscard]] std::vector<LiveGeneration> LiveGenerations() const;
  [[nodiscard]] std::vector<api::GenerationUse> Uses() const;
  [[nodiscard]] api::AgentReport Report() const;
  // Of the view; none: it has none, or there is no view.
  [[nodiscard]] std::optional<EncodeUnder> ActiveGeneration() const;

  Self self_;
  Record record_;
  std::optional<api::AgentView> view_;
  std::optional<api::Rejection> rejected_;
  std::optional<Keeping> keeping_;
  std::map<Serial, crypto::Key128> keys_;  // of generations told since the start
  EncoderState encoder_;
  std::optional<Serial> leasing_;
  UsesCounted uses_;
  // The counts are younger than the last change of the encoder: zero may be believed.
  bool uses_fresh_ = false;
  bool report_due_ = false;
  std::vector<api::Finding> findings_;
  Actions actions_;  // of the step under way
};

}  // namespace joinery::agent
