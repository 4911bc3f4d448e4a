#include "control/model/transcript.h"

#include <sstream>

#include <fmt/format.h>

#include "control/model/alarms.h"
#include "control/model/confirmation.h"
#include "control/model/invariants.h"
#include "control/model/preview.h"
#include "control/model/transcript_words.h"
#include "control/model/views.h"
#include "control/model/words.h"

namespace joinery::control {

void Transcript::Do(const Event& event) {
  const Actions actions = Step(model_, event, now_, random_);
  if (const Broken broken = CheckInvariants(model_, now_)) {
    broken_.push_back(*broken);
    out_ += "BROKEN " + *broken + "\n";
  }
  Print(actions);
}

void Transcript::Print(const Actions& actions) {
  for (const LogEntry& entry : actions.log) {
    constexpr std::string_view kMarks[] = {"", "warning: ", "ALARM: "};
    out_ += fmt::format("{}{}\n", kMarks[static_cast<size_t>(entry.severity)], entry.text);
  }
  if (!actions.result) {
    const Refusal& refusal = actions.result.error();
    out_ += "refused: " + refusal.message + "\n";
    if (const auto& wait = refusal.retry_after_s) out_ += fmt::format("retry after {} s\n", *wait);
  }
  if (actions.scheme) out_ += fmt::format("scheme part {}\n", Show(model_.durable.scheme));
  const auto load = LoadView(model_);
  if (load && actions.load && !quiet_) out_ += fmt::format("load part {}\n", Show(load->at));
  if (!actions.agents.empty() && !quiet_) {
    std::string names;
    for (const BackendRef& who : actions.agents) names += " " + ToString(who);
    out_ += fmt::format("views {}:{}\n", Show(model_.durable.at), names);
  }
  if (actions.balancer_reply && !quiet_) {
    const api::BalancerReply& reply = *actions.balancer_reply;
    out_ +=
        fmt::format("reply:{}{}{}{}\n", reply.lease ? " lease" : "", reply.behind ? " behind" : "",
                    reply.send_scheme ? " send the scheme part" : "",
                    reply.lease || reply.behind || reply.send_scheme ? "" : " nothing");
  }
  if (actions.agent_reply && !quiet_) {
    out_ +=
        fmt::format("reply: {}\n", actions.agent_reply->may_encode
                                       ? "may encode under view " + Show(actions.agent_reply->view)
                                       : "may not encode");
  }
}

void Transcript::ConfirmBalancer(const std::string& name) {
  Sender& sender = senders_[name];
  api::BalancerReport report;
  report.sequence = {sender.session, ++sender.number};
  if (const auto scheme = SchemeView(model_)) report.scheme.at = scheme->at;
  if (const auto load = LoadView(model_)) report.load = load->at;
  Do(BalancerReported{.balancer = name, .report = std::move(report)});
}

// An agent that obeys, of a backend without connections.
void Transcript::ConfirmAgent(const BackendRef& who) {
  Sender& sender = senders_[ToString(who)];
  api::AgentReport report;
  report.sequence = {sender.session, ++sender.number};
  report.incarnation = 1;
  if (const auto view = AgentViewOf(model_, who)) {
    report.view.at = view->at;
    if (view->active) report.encoding = view->active->serial;
    if (view->active) report.uses.push_back({.serial = view->active->serial, .keys = 100});
    for (const api::OldGeneration& old : view->draining)
      report.uses.push_back({.serial = old.serial});
  }
  Do(AgentReported{.from = who, .report = std::move(report)});
}

// All confirm until nothing changes any more.
void Transcript::Everyone() {
  quiet_ = true;
  for (int round = 0; round < 4; ++round) {
    std::vector<std::string> balancers;
    for (const auto& [name, balancer] : model_.durable.balancers) balancers.push_back(name);
    for (const std::string& name : balancers) ConfirmBalancer(name);
    std::vector<BackendRef> agents;
    for (const auto& [pool_name, pool] : model_.durable.pools) {
      for (const auto& [name, backend] : pool.backends) agents.push_back({pool_name, name});
    }
    for (const BackendRef& who : agents) ConfirmAgent(who);
  }
  quiet_ = false;
}

void Transcript::ShowModel() {
  const Durable& durable = model_.durable;
  out_ += fmt::format("at {}, barrier {}\n", Show(durable.at), Show(Barrier(durable)));
  for (const auto& [name, status] : model_.now.balancers) {
    out_ += fmt::format("{}: holds {}{}\n", name, Show(status.scheme),
                        HasLease(status, now_) ? ", lease" : "");
  }
  for (const auto& [pool_name, pool] : durable.pools) {
    for (const Generation& g : pool.generations) {
      out_ += fmt::format("{}: generation {} {} under codepoint {}, told {}\n", pool_name,
                          g.serial.value(), ToString(g.state), g.codepoint.value(), g.told.size());
    }
    for (const auto& [name, backend] : pool.backends) {
      out_ += fmt::format("{}/{}: ID {} {}{}\n", pool_name, name, backend.id.value(),
                          ToString(backend.state), backend.flushing ? ", flushing" : "");
    }
    for (const RestingId& resting : pool.resting) {
      out_ += fmt::format("{}: ID {} of {} {}\n", pool_name, resting.id.value(), resting.backend,
                          resting.clean ? "left clean" : "in quarantine");
    }
  }
}

// As balancers see it.
void Transcript::ShowLoad() {
  const auto load = LoadView(model_);
  if (!load) return;
  constexpr std::string_view kWords[] = {"up", "down", "draining", "failed"};
  for (const api::PoolLoad& pool : load->pools) {
    for (const api::MemberLoad& member : pool.members) {
      out_ += fmt::format("ID {}: {}, weight {}\n", member.id.value(),
                          kWords[static_cast<size_t>(member.state)], member.weight);
    }
    if (pool.withdraw) out_ += "its VIPs are withdrawn\n";
  }
}

std::string Transcript::Run(const std::string& line) {
  out_.clear();
  const Words words(line);
  if (!World(words) && !Report(words) && !Command(words)) out_ += "unknown command\n";
  if (!words.Unused().empty()) out_ += "unused: " + words.Unused() + "\n";
  return out_.empty() ? "ok\n" : out_;
}

std::string Transcript::Play(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::string result;
  bool in_output = false;
  for (std::string line; std::getline(in, line);) {
    if (in_output) {
      in_output = !line.empty();
      continue;
    }
    if (line == "----") {
      in_output = true;
      continue;
    }
    if (line.empty()) continue;
    if (line.front() == '#') {
      result += line + "\n";
      continue;
    }
    result += line + "\n----\n" + Run(line) + "\n";
  }
  return result;
}

}  // namespace joinery::control
