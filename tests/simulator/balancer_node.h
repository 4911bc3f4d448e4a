// A balancer as control sees it: takes views, keeps the last good scheme part on disk, confirms
// what is durable, holds a lease by its own clock. It obeys the receivers' rules of
// docs/protocol.md section 3.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/balancer_view.h"
#include "api/reports.h"
#include "base/clock.h"
#include "base/random.h"

namespace joinery::simulator {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Scheme = std::shared_ptr<const api::SchemePart>;
using Load = std::shared_ptr<const api::LoadPart>;

class BalancerNode {
 public:
  BalancerNode(std::string name, int drift_permille, Random& random);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool up() const noexcept { return up_; }
  // By the true time: its own clock runs fast or slow.
  [[nodiscard]] bool HasLease(Instant now) const noexcept { return up_ && now < leased_until_; }
  [[nodiscard]] const api::SchemePart& scheme() const noexcept { return *scheme_; }
  [[nodiscard]] const api::LoadPart* load() const noexcept { return load_.get(); }
  [[nodiscard]] api::Position confirmed() const noexcept { return disk_->at; }

  // On any disk that it has had.
  [[nodiscard]] api::Position ever_confirmed() const noexcept { return ever_confirmed_; }

  [[nodiscard]] bool foreign() const noexcept { return disk_foreign_; }

  // True: it decodes by it from now on. `garbled`: it takes the position and keeps what it had.
  bool Take(const Scheme& scheme, bool garbled, Instant now, Random& random);
  bool Take(const Load& load);
  // True: the disk has what it did not have before, so a report is due.
  bool Write(Instant now);

  [[nodiscard]] api::BalancerReport Report(Instant now);
  void Hear(const api::BalancerReply& reply, const api::Sequence& to, Instant sent, Instant now);

  void Crash() noexcept { up_ = false; }
  void Start(Random& random);
  // The oldest scheme part that its disk ever had comes back.
  void RestoreDisk();

 private:
  std::string name_;
  int drift_permille_;
  bool up_ = true;
  bool foreign_ = false;       // its bytes are not what control sent under that position
  bool disk_foreign_ = false;  // those on its disk
  Scheme disk_ = std::make_shared<const api::SchemePart>();
  Scheme scheme_ = disk_;
  std::vector<Scheme> former_;  // of the disk
  api::Position ever_confirmed_;
  Load load_;
  std::optional<Instant> written_at_;  // when the disk will have scheme_
  Instant leased_until_{};
  api::Sequence sequence_;
  bool hand_back_ = false;
};

}  // namespace joinery::simulator
