#include "backend/agent/core/core.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace joinery::agent {

Core::Core(Self self, std::optional<Record> record)
    : self_(std::move(self)), record_(record ? *std::move(record) : Record{}) {}

Actions Core::Step(const Event& event) {
  actions_.clear();
  std::visit([this](const auto& one) { On(one); }, event);
  return std::exchange(actions_, {});
}

void Core::On(const ViewCame& event) {
  auto record = Admit(record_, self_, event.view, event.stamp);
  if (!record) return Reject(event.stamp.at, record.error().message);
  keeping_ = Keeping{.record = *std::move(record), .view = event.view};
  actions_.emplace_back(KeepRecord{keeping_->record});
}

void Core::On(const ViewUnreadable& event) { Reject(event.at, event.reason); }

// A view is held, or an encoder is set, once it could not be forgotten any more.
void Core::On(const RecordKept& event) {
  if (!keeping_) return;
  const Keeping kept = *keeping_;
  keeping_.reset();
  if (!event.error.empty()) {
    if (kept.view) return Reject(kept.view->at, "it could not be kept: " + event.error);
    return Log(Say::Level::kError, "what control confirmed could not be kept: " + event.error);
  }
  record_ = kept.record;
  if (kept.view) return Hold(*kept.view);
  if (auto under = ActiveGeneration()) actions_.emplace_back(SetEncoder{*std::move(under)});
}

void Core::Hold(const api::AgentView& view) {
  if (view.drain && !draining()) Log(Say::Level::kInfo, "draining: control wants no connections");
  if (!view.drain && draining()) Log(Say::Level::kInfo, "draining has ended");
  view_ = view;
  rejected_.reset();
  if (view.active) keys_[view.active->serial] = view.active->key;
  std::erase_if(keys_, [this](const auto& known) { return !IsInView(known.first); });
  Log(Say::Level::kInfo, fmt::format("view {}.{} is held", view.at.epoch, view.at.version));
  // To stop needs nobody's leave.
  if (!view.active && (encoder_.scheme || leasing_)) {
    StopLeases();
    actions_.emplace_back(ClearEncoder{});
    return;
  }
  ReportSoon();
}

void Core::On(const EncoderRead& event) {
  TakeEncoderState(event.state);
  if (encoder_.scheme && !IsConfirmed(encoder_)) {
    Log(Say::Level::kError,
        fmt::format("the encoder has serial {}, which control has not confirmed to it (I9): "
                    "cleared",
                    encoder_.scheme->serial.value()));
    StopLeases();
    actions_.emplace_back(ClearEncoder{});
  }
}

void Core::On(const EncoderSet& event) {
  if (!event.error.empty()) Log(Say::Level::kError, "the encoder: " + event.error);
  TakeEncoderState(event.state);
  // Connections of the keys just flushed may be younger than the last count.
  uses_fresh_ = false;
  if (event.error.empty() && encoder_.scheme && IsConfirmed(encoder_)) Lease();
  ReportSoon();
}

void Core::TakeEncoderState(const EncoderState& state) {
  if (state.incarnation != encoder_.incarnation) {
    if (state.incarnation == 0) {
      Log(Say::Level::kError, "the encoder is gone: tokens name no backend");
    } else {
      Log(Say::Level::kInfo, fmt::format("the encoder's incarnation is {}", state.incarnation));
    }
    StopLeases();
    uses_fresh_ = false;
    ReportSoon();
  }
  encoder_ = state;
}

// An answer counts for the view and the incarnation that its report named, and for no other.
void Core::On(const Answered& event) {
  if (!event.may_encode || !view_ || !view_->active || keeping_) return;
  if (event.view != record_.view || event.view.at != view_->at) return;
  if (event.incarnation == 0 || event.incarnation != encoder_.incarnation) return;
  const Serial serial = view_->active->serial;
  if (IsConfirmed(encoder_) && encoder_.scheme && encoder_.scheme->serial == serial) {
    if (leasing_ != serial) Lease();  // this agent started after the encoder was set
    return;
  }
  Keeping keeping{.record = record_, .view = std::nullopt};
  keeping.record.confirmed = Confirmed{.incarnation = event.incarnation, .serial = serial};
  if (encoder_.scheme && IsConfirmed(encoder_)) {
    keeping.record.confirmed->before = encoder_.scheme->serial;
  }
  keeping_ = std::move(keeping);
  actions_.emplace_back(KeepRecord{keeping_->record});
}

void Core::On(const UsesCounted& event) {
  const bool had_some = uses_.connections > 0;
  if (event.error.empty()) {
    uses_ = event;
    uses_fresh_ = true;
  } else {
    uses_.error = event.error;
    uses_.leased = event.leased;
    uses_fresh_ = false;
  }
  if (draining() && had_some && uses_fresh_ && uses_.connections == 0) {
    Log(Say::Level::kInfo, "drained: no connection is left");
  }
  if (!std::exchange(report_due_, false)) return;
  actions_.emplace_back(SendReport{Report()});
}

void Core::On(const FindingsMade& event) { findings_ = event.findings; }

void Core::On(const Tick& /*event*/) {
  if (encoder_.incarnation == 0) {
    actions_.emplace_back(LoadEncoder{});
  } else {
    actions_.emplace_back(ReadEncoder{});
  }
  ReportSoon();
}

void Core::Reject(const api::Position& at, const std::string& reason) {
  Log(Say::Level::kError, "refused: " + reason);
  rejected_ = api::Rejection{.at = at, .reason = reason};
  ReportSoon();
}

// Counted first, so that what is said is no older than what was done.
void Core::ReportSoon() {
  if (std::exchange(report_due_, true) && std::ranges::any_of(actions_, [](const Action& action) {
        return std::holds_alternative<CountUses>(action);
      })) {
    return;
  }
  CountUses count{.generation_bits = record_.generation_bits,
                  .scheme = std::nullopt,
                  .id = record_.id,
                  .generations = LiveGenerations(),
                  .vips = record_.vips};
  if (view_) {
    if (auto scheme = SchemeOf(*view_)) count.scheme = *scheme;
  }
  actions_.emplace_back(std::move(count));
}

void Core::StopLeases() {
  if (!std::exchange(leasing_, std::nullopt)) return;
  actions_.emplace_back(LeaseUnder{});
}

void Core::Lease() {
  auto under = ActiveGeneration();
  if (!under) return;
  leasing_ = under->generation.serial;
  actions_.emplace_back(LeaseUnder{std::move(under)});
}

void Core::Log(Say::Level level, std::string text) {
  actions_.emplace_back(Say{.level = level, .text = std::move(text)});
}

bool Core::IsConfirmed(const EncoderState& state) const noexcept {
  const auto& confirmed = record_.confirmed;
  if (!state.scheme || !confirmed || confirmed->incarnation != state.incarnation) return false;
  if (record_.pool_id != state.scheme->pool || record_.id != state.scheme->backend) return false;
  const Serial serial = state.scheme->serial;
  return confirmed->serial == serial || (confirmed->before == serial && IsInView(serial));
}

// Before there is a view, nothing is known to be out of it.
bool Core::IsInView(Serial serial) const noexcept {
  if (!view_) return true;
  return (view_->active && view_->active->serial == serial) ||
         std::ranges::find(view_->draining, serial, &api::OldGeneration::serial) !=
             view_->draining.end();
}

// What the view names; before there is one, all that was ever told.
std::vector<LiveGeneration> Core::LiveGenerations() const {
  std::vector<LiveGeneration> live;
  const auto add = [&](Codepoint codepoint, Serial serial) {
    const auto key = keys_.find(serial);
    live.push_back({.codepoint = codepoint,
                    .serial = serial,
                    .key = key == keys_.end() ? std::nullopt : std::optional(key->second)});
  };
  if (view_ && view_->active) add(view_->active->codepoint, view_->active->serial);
  if (view_) {
    for (const api::OldGeneration& old : view_->draining) add(old.codepoint, old.serial);
  }
  for (const ToldGeneration& told : record_.told) {
    if (std::ranges::find(live, told.codepoint, &LiveGeneration::codepoint) == live.end()) {
      add(told.codepoint, told.serial);
    }
  }
  return live;
}

// One row for each generation of the view, and for others that are still in use.
std::vector<api::GenerationUse> Core::Uses() const {
  const auto of = [](const std::map<Serial, uint32_t>& counts, Serial serial) {
    const auto found = counts.find(serial);
    return found == counts.end() ? 0U : found->second;
  };
  std::map<Serial, api::GenerationUse> uses;
  for (const LiveGeneration& live : LiveGenerations()) {
    uses.try_emplace(live.serial, api::GenerationUse{.serial = live.serial});
  }
  for (const auto& [serial, count] : uses_.leased) {
    uses.try_emplace(serial, api::GenerationUse{.serial = serial});
  }
  std::vector<api::GenerationUse> rows;
  for (auto& [serial, use] : uses) {
    use.tokens = of(uses_.tokens, serial) + of(uses_.leased, serial);
    if (encoder_.scheme && encoder_.scheme->serial == serial) use.keys = encoder_.keys;
    // What could not be counted is not zero.
    if (!uses_fresh_) use.tokens = std::max(use.tokens, 1U);
    if (IsInView(serial) || use.tokens > 0 || use.keys > 0) rows.push_back(use);
  }
  return rows;
}

api::AgentReport Core::Report() const {
  api::AgentReport report;
  report.view = record_.view;
  report.rejected = rejected_;
  report.incarnation = encoder_.incarnation;
  if (encoder_.scheme) report.encoding = encoder_.scheme->serial;
  report.uses = Uses();
  report.connections = uses_.connections;
  report.oldest_connection_s = uses_.oldest_s;
  report.findings = findings_;
  if (!uses_.error.empty() && !uses_fresh_) {
    report.findings.push_back({.name = "diagnostics", .ok = false, .detail = uses_.error});
  }
  return report;
}

std::optional<EncodeUnder> Core::ActiveGeneration() const {
  if (!view_ || !view_->active) return std::nullopt;
  const auto scheme = SchemeOf(*view_);
  if (!scheme) return std::nullopt;  // Admit would have refused the view
  const api::SchemeGeneration& active = *view_->active;
  return EncodeUnder{
      .scheme = *scheme,
      .id = view_->id,
      .generation = {.codepoint = active.codepoint, .serial = active.serial, .key = active.key}};
}

}  // namespace joinery::agent
