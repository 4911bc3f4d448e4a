#include "tests/simulator/balancer_node.h"

#include <algorithm>
#include <utility>

#include "control/model/rules.h"

namespace joinery::simulator {

using control::Holds;
using control::Obeys;
using control::Rule;

BalancerNode::BalancerNode(std::string name, int drift_permille, Random& random)
    : name_(std::move(name)), drift_permille_(drift_permille) {
  Start(random);
}

bool BalancerNode::Take(const Scheme& scheme, bool garbled, Instant now, Random& random) {
  const bool newer =
      scheme->at > scheme_->at || ((foreign_ || disk_foreign_) && scheme->at == scheme_->at);
  if (!up_ || !Holds(Rule::kNobodyGoesBack, newer)) return false;
  foreign_ = garbled;
  if (garbled) {
    auto taken = std::make_shared<api::SchemePart>(*scheme_);
    taken->at = scheme->at;
    scheme_ = std::move(taken);
  } else {
    scheme_ = scheme;
  }
  written_at_ = now + milliseconds(random.Below(400));
  return true;
}

bool BalancerNode::Take(const Load& load) {
  if (!up_) return false;
  const bool newer = !load_ || load->at > load_->at;
  if (!Holds(Rule::kNobodyGoesBack, newer) || load->scheme > scheme_->at) return false;
  load_ = load;
  return true;
}

bool BalancerNode::Write(Instant now) {
  if (!up_ || !written_at_ || now < *written_at_) return false;
  written_at_.reset();
  if (!disk_foreign_) former_.push_back(disk_);
  disk_ = scheme_;
  disk_foreign_ = foreign_;
  if (!foreign_) ever_confirmed_ = std::max(ever_confirmed_, disk_->at);
  return true;
}

api::BalancerReport BalancerNode::Report(Instant /*now*/) {
  ++sequence_.number;
  const Scheme& sure = Obeys(Rule::kDurableBeforeConfirm) ? disk_ : scheme_;
  api::BalancerReport report;
  report.sequence = sequence_;
  report.scheme.at = sure->at;
  if (load_) report.load = load_->at;
  if (hand_back_) report.held = *sure;
  report.ready = true;
  return report;
}

void BalancerNode::Hear(const api::BalancerReply& reply, const api::Sequence& to, Instant sent,
                        Instant now) {
  if (!up_ || to.session != sequence_.session) return;  // its connection died with the process
  hand_back_ = reply.send_scheme;
  if (reply.behind) leased_until_ = {};
  if (!reply.lease) return;
  const Nanoseconds own = milliseconds(reply.lease_ms) * (1000 + drift_permille_) / 1000;
  const Instant until = (Obeys(Rule::kLeaseFromSending) ? sent : now) + own;
  leased_until_ = std::max(leased_until_, until);
}

void BalancerNode::Start(Random& random) {
  up_ = true;
  if (disk_foreign_)
    disk_ = std::make_shared<const api::SchemePart>();  // it finds out when it reads
  foreign_ = disk_foreign_ = false;
  scheme_ = disk_;
  load_.reset();
  written_at_.reset();
  hand_back_ = false;
  if (Obeys(Rule::kLeaseDiesWithRestart)) leased_until_ = {};
  sequence_ = {.session = random.Uint64(), .number = 0};
}

void BalancerNode::RestoreDisk() {
  if (former_.empty()) return;
  disk_ = former_.front();
  former_.clear();
  disk_foreign_ = false;
}

}  // namespace joinery::simulator
