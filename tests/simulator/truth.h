// What must hold in the simulated world, told from the nodes themselves and not from what they
// report: docs/protocol.md section 3. The first thing that does not is the history's failure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/model/model.h"
#include "tests/simulator/agent_node.h"
#include "tests/simulator/balancer_node.h"

namespace joinery::simulator {

using Balancers = std::vector<std::unique_ptr<BalancerNode>>;
using Agents = std::map<std::string, std::unique_ptr<AgentNode>>;

class Truth {
 public:
  [[nodiscard]] const std::optional<std::string>& failure() const noexcept { return failure_; }

  // After a step of control that changed something; `scheme_changed`: members or generations.
  void AfterStep(const control::Model& model, Instant model_now, Instant now,
                 const Balancers& balancers, bool scheme_changed);
  // After one that changed nothing but what a balancer holds.
  void AfterRenewal(const control::Model& model, Instant model_now);
  // A start: what was known before may be of a newer state.
  void ControlStarts() { before_.reset(); }

  // One codepoint is left for an emergency.
  void AfterRoutineRotation(const control::Model& model);

  // A balancer has another scheme part, or a lease: every live token is decodable to it (I1), by
  // the backend that made it (I3).
  void AfterBalancer(const BalancerNode& balancer, Agents& agents, Instant now);
  // A backend has made a token: every balancer with a lease decodes it.
  void AfterToken(const AgentNode& agent, const LiveToken& token, const Balancers& balancers,
                  Instant now);
  // A balancer with a lease has placed a connection (I5).
  void AfterPlacement(const control::Model& model, const BalancerNode& balancer,
                      const std::string& backend);

  // Control has heard that an agent holds a view, under an encoder.
  void Confirmed(const AgentNode& agent, const api::AgentReport& report,
                 const api::AgentView& view);
  // The module was told to encode (I9).
  void AfterEncoding(const AgentNode& agent);

  // 60 s after the last fault.
  void Converged(const control::Model& model, const Balancers& balancers, const Agents& agents,
                 Instant now);

 private:
  void Fail(std::string what);
  void CompareIds(const control::Model& model, Instant now);
  void CompareActivation(const control::Model& model, const Balancers& balancers);
  void CheckDecodes(const BalancerNode& balancer, const AgentNode& agent, const LiveToken& token);

  struct Gone {
    BackendId id;
    bool clean = false;
    Instant at{};
  };

  std::optional<std::string> failure_;
  std::optional<control::Durable> before_;
  std::map<BackendId, Gone> gone_;                                        // by ID: who left last
  std::map<std::string, std::set<std::pair<uint64_t, Serial>>> allowed_;  // encoders and serials
};

}  // namespace joinery::simulator
