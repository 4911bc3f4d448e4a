// Control, balancers and agents, and a network between them that loses, repeats, delays and
// reorders what they say. Deterministic: all chance comes from one seed. It only makes things
// happen; what must hold is in truth.h, what the operator wants in operator.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "control/model/model.h"
#include "tests/simulator/agent_node.h"
#include "tests/simulator/balancer_node.h"
#include "tests/simulator/options.h"
#include "tests/simulator/truth.h"

namespace joinery::simulator {

class World {
 public:
  explicit World(uint64_t seed);

  // Runs one history; none: all that must hold has held.
  [[nodiscard]] std::optional<std::string> Run();

  [[nodiscard]] const Options& options() const noexcept { return options_; }
  [[nodiscard]] const std::vector<std::string>& log() const noexcept { return log_; }
  void KeepLog() noexcept { keep_log_ = true; }

 private:
  friend class Operator;

  struct Event {
    Instant at;
    uint64_t order;  // among those of one instant
    std::function<void()> what;
    friend bool operator<(const Event& a, const Event& b) noexcept {
      return std::pair(a.at, a.order) >
             std::pair(b.at, b.order);  // a heap gives the greatest first
    }
  };

  // Time and chance.
  void At(Instant at, std::function<void()> what);
  [[nodiscard]] Event TakeNext();
  [[nodiscard]] bool Chance(uint32_t percent) { return random_.Below(100) < percent; }
  [[nodiscard]] bool Rarely(uint32_t permille) { return random_.Below(1000) < permille; }
  void Note(const std::string& text);

  // The network between control and `peer`, who may be cut off, in one direction too. What is sent
  // to an older run of control is lost with it.
  void Send(const std::string& peer, std::function<void()> deliver);
  void SendToControl(const std::string& peer, std::function<void()> deliver);
  void Carry(Instant cut_until, std::function<void()> deliver);

  // Control.
  control::Actions Do(const control::Event& event);
  void Spread(const control::Actions& actions);
  void StartControl();
  void OfferTo(BalancerNode& balancer, const api::BalancerReport& report);
  void OfferTo(AgentNode& agent, const api::AgentReport& report);
  void SendScheme(BalancerNode& balancer);
  void SendLoad(BalancerNode& balancer);
  void SendView(AgentNode& agent);

  // What the operator gives up, or time does: connections that nobody owes anybody.
  void GiveUp(const std::string& backend);
  void GiveUp(Serial serial);
  [[nodiscard]] bool IsGivenUp(const std::string& backend, Serial serial) const;
  void Heed();

  // Nodes.
  void ReportOf(BalancerNode& balancer);
  void ReportOf(AgentNode& agent);
  void Renew(BalancerNode& balancer);
  void Renew(AgentNode& agent);
  void EachSecond();
  void Place();
  void Connect(AgentNode& agent);
  void BreakSomething();
  void RestartControl();
  void RestartBalancer(BalancerNode& balancer);
  void RestartAgent(AgentNode& agent);
  void Heal();

  SeededRandom random_;
  Options options_;
  Instant now_ = Instant(seconds(100));
  uint64_t order_ = 0;
  std::vector<Event> events_;  // a heap

  control::Model model_;
  control::Durable disk_;
  std::vector<control::Durable> backups_;
  bool control_up_ = false;
  bool control_started_ = false;  // and has not published since
  uint64_t control_run_ = 0;
  Instant control_clock_{};  // what its machine's clock showed at time 0: it starts anew with the
                             // machine
  control::Desired desired_;
  Scheme scheme_;
  Load load_;

  std::vector<std::unique_ptr<BalancerNode>> balancers_;
  std::map<std::string, std::unique_ptr<AgentNode>> agents_;
  struct CutOff {
    Instant to_control_until{};
    Instant from_control_until{};
  };
  std::map<std::string, CutOff> cut_off_;

  // Until control serves the backend anew:
  std::set<std::pair<std::string, Serial>> given_up_;  // what it makes under this generation
  std::set<std::string> forced_out_;                   // all that it makes
  // As of control's last step:
  std::set<std::string> served_;
  std::map<Serial, control::Age> draining_;  // since when
  bool healed_ = false;

  Truth truth_;
  bool keep_log_ = false;
  std::vector<std::string> log_;
};

}  // namespace joinery::simulator
