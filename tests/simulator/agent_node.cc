#include "tests/simulator/agent_node.h"

#include <algorithm>
#include <utility>

#include "control/model/rules.h"

namespace joinery::simulator {

using control::Holds;
using control::Obeys;
using control::Rule;

AgentNode::AgentNode(std::string name, Random& random) : name_(std::move(name)) {
  LoseKernel(random);
  sequence_.session = random.Uint64();
}

std::optional<Serial> AgentNode::encoding() const noexcept {
  if (!encoder_) return std::nullopt;
  return encoder_->serial;
}

std::optional<AgentNode::Encoder> AgentNode::FromView() const {
  if (!view_->active) return std::nullopt;
  return Encoder{view_->active->codepoint, view_->active->serial, view_->id};
}

void AgentNode::Encode(std::optional<Encoder> next, Instant now, Random& random) {
  encoder_ = next;
  flushed_at_ = now + milliseconds(random.Below(6000));
}

bool AgentNode::Take(const View& view, Instant now, Random& random) {
  if (!up_ || !Holds(Rule::kNobodyGoesBack, view->at > view_->at)) return false;
  former_.push_back(std::exchange(view_, view));
  // What it encodes under is decoded until it is allowed the new one; but if there is nothing new,
  // or its generation has retired, it stops.
  const bool decoded = encoder_ && view->active &&
                       (view->active->serial == encoder_->serial ||
                        std::ranges::find(view->draining, encoder_->serial,
                                          &api::OldGeneration::serial) != view->draining.end());
  if (encoder_ && !decoded) Encode(std::nullopt, now, random);
  return true;
}

api::AgentReport AgentNode::Report(Instant now) {
  const auto lives = [&](const LiveToken& token) { return token.begins <= now; };
  api::AgentReport report;
  ++sequence_.number;
  report.sequence = sequence_;
  report.view.at = view_->at;
  report.incarnation = incarnation_;
  // What it makes keys for, and what the keys that are left are for: either may still become a
  // token.
  const std::optional<Encoder> left = Obeys(Rule::kFlushedBeforeZero) ? pool_ : encoder_;
  if (const auto& makes = encoder_ ? encoder_ : left) report.encoding = makes->serial;
  const auto use = [&](Serial serial) {
    const auto tokens = std::ranges::count_if(
        tokens_, [&](const LiveToken& token) { return token.serial == serial && lives(token); });
    const bool keys = (encoder_ && encoder_->serial == serial) || (left && left->serial == serial);
    report.uses.push_back({serial, static_cast<uint32_t>(tokens), keys ? 100U : 0U});
  };
  if (view_->active) use(view_->active->serial);
  for (const api::OldGeneration& old : view_->draining) use(old.serial);
  report.connections = static_cast<uint32_t>(std::ranges::count_if(tokens_, lives));
  return report;
}

bool AgentNode::Hear(const api::AgentReply& reply, Instant now, Random& random) {
  if (!up_ || !reply.may_encode) return false;
  const bool mine = reply.view == view_->at && reply.incarnation == incarnation_;
  if (!Holds(Rule::kAnswerIsForItsView, mine)) return false;
  const std::optional<Encoder> next = FromView();
  if (!next || (encoder_ && encoder_->serial == next->serial)) return false;
  Encode(next, now, random);
  return true;
}

LiveToken* AgentNode::Accept(Instant now, Instant begins, Instant ends) {
  Pass(now);
  if (!pool_) return nullptr;
  tokens_.push_back({.codepoint = pool_->codepoint,
                     .serial = pool_->serial,
                     .id = pool_->id,
                     .begins = begins,
                     .ends = ends,
                     .slow = begins > now});
  return &tokens_.back();
}

void AgentNode::HangUp() noexcept {
  std::erase_if(tokens_, [](const LiveToken& token) { return token.slow; });
}

void AgentNode::Pass(Instant now) {
  if (flushed_at_ && now >= *flushed_at_) {
    pool_ = encoder_;
    flushed_at_.reset();
  }
  std::erase_if(tokens_, [&](const LiveToken& token) { return token.ends <= now; });
}

bool AgentNode::Start(Instant now, Random& random) {
  up_ = true;
  sequence_ = {.session = random.Uint64(), .number = 0};
  if (Obeys(Rule::kReservedUntilAllowed) || encoder_ || !FromView()) return false;
  Encode(FromView(), now, random);
  return true;
}

void AgentNode::LoseKernel(Random& random) {
  incarnation_ = random.Uint64();
  encoder_.reset();
  pool_.reset();
  flushed_at_.reset();
  tokens_.clear();
}

void AgentNode::RestoreDisk() {
  if (former_.empty()) return;
  view_ = former_.front();
  former_.clear();
}

}  // namespace joinery::simulator
