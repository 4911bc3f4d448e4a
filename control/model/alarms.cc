#include "control/model/alarms.h"

#include <fmt/format.h>

#include "control/model/agent_reports.h"
#include "control/model/confirmation.h"
#include "control/model/health.h"
#include "control/model/recovery.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

// Balancers that hold the same parts forward by the same tables.
void CompareTables(const Model& model, std::vector<std::string>& alarms) {
  const std::pair<const std::string, BalancerStatus>* first = nullptr;
  for (const auto& entry : model.now.balancers) {
    const auto& report = entry.second.report;
    if (!report || report->scheme.at != model.durable.scheme ||
        report->load != api::Position{model.durable.at.epoch, model.now.load_version}) {
      continue;
    }
    if (first == nullptr) {
      first = &entry;
    } else if (first->second.report->tables != report->tables) {
      alarms.push_back(fmt::format("balancers {} and {} forward by different tables", first->first,
                                   entry.first));
    }
  }
}

void CheckBalancers(const Model& model, Instant now, std::vector<std::string>& alarms) {
  for (const auto& [name, balancer] : model.durable.balancers) {
    const auto status = model.now.balancers.find(name);
    if (status == model.now.balancers.end() || !status->second.report) {
      alarms.push_back(fmt::format("balancer {} has not reported since the start", name));
      continue;
    }
    if (status->second.foreign)
      alarms.push_back(fmt::format("balancer {} holds other bytes", name));
    if (status->second.report->rejected) {
      alarms.push_back(fmt::format("balancer {} rejects what it is sent: {}", name,
                                   status->second.report->rejected->reason));
    }
    if (status->second.behind) {
      alarms.push_back(fmt::format("balancer {} is behind and withdraws its VIPs", name));
    } else if (!HasLease(status->second, now)) {
      alarms.push_back(fmt::format("balancer {} has no lease", name));
    }
  }
}

void CheckBackends(const Model& model, std::vector<std::string>& alarms) {
  for (const auto& [pool_name, pool] : model.durable.pools) {
    if (pool.layout.handshake == settings::Handshake::kNone) continue;  // has no agents
    for (const auto& [name, backend] : pool.backends) {
      if (backend.state != BackendState::kAdded || !backend.named) continue;
      const auto agent = model.now.agents.find({pool_name, name});
      if (agent != model.now.agents.end() && EncodesNothing(backend, &agent->second)) continue;
      alarms.push_back(fmt::format(
          "{}/{} takes no connections: its agent has not confirmed its view", pool_name, name));
    }
  }
}

void CheckAgents(const Model& model, std::vector<std::string>& alarms) {
  for (const auto& [who, agent] : model.now.agents) {
    if (agent.foreign) alarms.push_back(fmt::format("agent {} holds other bytes", ToString(who)));
    if (!agent.report) continue;
    if (agent.report->rejected) {
      alarms.push_back(fmt::format("agent {} rejects what it is sent: {}", ToString(who),
                                   agent.report->rejected->reason));
    }
    for (const api::Finding& finding : agent.report->findings) {
      if (!finding.ok) {
        alarms.push_back(
            fmt::format("agent {}: {}: {}", ToString(who), finding.name, finding.detail));
      }
    }
  }
}

void CheckHealth(const Model& model, std::vector<std::string>& alarms) {
  for (const auto& [name, pool] : model.durable.pools) {
    const std::string trouble = Trouble(name, JudgeHealth(model, name, pool));
    if (!trouble.empty()) alarms.push_back(trouble);
  }
}

}  // namespace

std::vector<std::string> Alarms(const Model& model, Instant now) {
  std::vector<std::string> alarms;
  if (model.now.recovery.waiting) {
    alarms.push_back(fmt::format("nothing is published: {}", DescribeWait(model)));
    return alarms;
  }
  CheckBalancers(model, now, alarms);
  CompareTables(model, alarms);
  CheckBackends(model, alarms);
  CheckAgents(model, alarms);
  CheckHealth(model, alarms);
  return alarms;
}

}  // namespace joinery::control
