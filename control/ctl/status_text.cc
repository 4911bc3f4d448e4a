#include "control/ctl/status_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/ctl/table.h"

namespace joinery::ctl {
namespace {

constexpr size_t kDigestShown = 12;

std::string Dash(const std::optional<uint64_t>& number) {
  return number ? fmt::format("{}", *number) : "-";
}

std::string DashDuration(const std::optional<uint64_t>& seconds) {
  return seconds ? DurationText(*seconds) : "-";
}

bool Shown(const PoolView& pool, const std::string& wanted) {
  return wanted.empty() || pool.name == wanted;
}

std::string ActiveOf(const PoolView& pool) {
  for (const GenerationView& generation : pool.generations) {
    if (generation.state == "active") return fmt::format("{}", generation.serial);
  }
  return "-";
}

std::string Counted(uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string StateOf(const BackendView& backend) {
  return backend.state + (backend.healthy ? "" : ", down");
}

// "up for 12 min", "-": it is not checked.
std::string HealthOf(const BackendView& backend) {
  if (!backend.health) return "-";
  return fmt::format("{} for {}", backend.health->state, DurationText(backend.health->for_s));
}

// Why it is down, or what its checks found last.
std::string FailureOf(const std::string& name, const BackendView& backend) {
  if (!backend.health || !backend.health->last_failure) return "";
  std::string text =
      fmt::format("{}: {} of {} failed, the last: {}\n", name, backend.health->failures,
                  Counted(backend.health->checks, "check"), *backend.health->last_failure);
  if (backend.health->held_for_s > 0) {
    text += fmt::format("{}: came and went too often, and is held down for {}\n", name,
                        DurationText(backend.health->held_for_s));
  }
  return text;
}

}  // namespace

std::string StatusText(const StatusView& status) {
  std::string text = fmt::format("{}: epoch {}, scheme {}, load {}\n", status.control, status.epoch,
                                 status.scheme, status.load);
  if (status.waiting) {
    text += fmt::format(
        "WAITING: nothing is published before these have reported: {}\n"
        "  If one will not come back: joinctl recover --help\n",
        fmt::join(status.waits_for, ", "));
  }
  for (const std::string& alarm : status.alarms) text += fmt::format("ALARM: {}\n", alarm);
  const auto leased = std::ranges::count_if(status.balancers, &BalancerView::leased);
  text += fmt::format("balancers: {} of {} hold a lease\n", leased, status.balancers.size());
  return text + PoolsText(status);
}

std::string PoolsText(const StatusView& status) {
  Table table(
      {"POOL", "ID", "HANDSHAKE", "ACTIVE", "GENERATIONS", "BACKENDS", "CONNECTIONS", "VIPS"});
  for (const PoolView& pool : status.pools) {
    uint64_t connections = 0;
    size_t up = 0;
    for (const BackendView& backend : pool.backends) {
      up += backend.state == "up" && backend.healthy ? 1 : 0;
      if (backend.agent) connections += backend.agent->connections;
    }
    table.Add({pool.name, fmt::format("{}", pool.id), pool.handshake, ActiveOf(pool),
               fmt::format("{}", pool.generations.size()),
               fmt::format("{} of {} up", up, pool.backends.size()), fmt::format("{}", connections),
               fmt::format("{}", fmt::join(pool.vips, "; "))});
  }
  return table.Text();
}

std::string BackendsText(const StatusView& status, const std::string& pool) {
  Table table({"BACKEND", "ID", "ADDRESS", "ENCAP", "WEIGHT", "STATE", "HEALTH", "CONNECTIONS",
               "OLDEST", "DEADLINE IN"});
  std::string failures;
  for (const PoolView& one : status.pools) {
    if (!Shown(one, pool)) continue;
    for (const BackendView& backend : one.backends) {
      const bool known = backend.agent.has_value();
      const std::string name = one.name + "/" + backend.name;
      table.Add({name, fmt::format("{}", backend.id), backend.address, backend.encap,
                 fmt::format("{}", backend.weight), StateOf(backend), HealthOf(backend),
                 known ? fmt::format("{}", backend.agent->connections) : "-",
                 known ? DurationText(backend.agent->oldest_connection_s) : "-",
                 DashDuration(backend.deadline_in_s)});
      failures += FailureOf(name, backend);
    }
  }
  return table.Text() + failures;
}

std::string GenerationsText(const StatusView& status, const std::string& pool) {
  Table table({"POOL", "SERIAL", "CODEPOINT", "STATE", "BACKENDS TOLD", "TOKENS", "KEYS AHEAD",
               "DRAINING FOR"});
  for (const PoolView& one : status.pools) {
    if (!Shown(one, pool)) continue;
    for (const GenerationView& generation : one.generations) {
      table.Add({one.name, fmt::format("{}", generation.serial),
                 fmt::format("{}", generation.codepoint), generation.state,
                 fmt::format("{}", generation.told), fmt::format("{}", generation.tokens),
                 fmt::format("{}", generation.keys), DashDuration(generation.draining_for_s)});
    }
  }
  return table.Text();
}

std::string BalancersText(const StatusView& status) {
  Table table({"BALANCER", "LEASE", "READY", "CONFIRMED", "SCHEME", "LOAD", "TABLES"});
  std::string rejections;
  for (const BalancerView& balancer : status.balancers) {
    const std::string lease =
        balancer.leased ? DashDuration(balancer.lease_left_s) + " left" : "none";
    if (!balancer.reported) {
      table.Add({balancer.name, lease, "-", "-", "-", "-", "-"});
      continue;
    }
    table.Add({balancer.name, lease, balancer.ready ? "yes" : "no",
               balancer.confirmed ? "yes" : "no", balancer.scheme, balancer.load,
               balancer.tables.substr(0, kDigestShown)});
    if (balancer.rejected) {
      rejections +=
          fmt::format("{} rejects what it was sent: {}\n", balancer.name, *balancer.rejected);
    }
  }
  return table.Text() + rejections;
}

std::string AgentsText(const StatusView& status, const std::string& pool) {
  Table table({"AGENT", "CONFIRMED", "VIEW", "ENCODES", "CONNECTIONS", "FINDINGS"});
  std::string details;
  for (const PoolView& one : status.pools) {
    if (!Shown(one, pool)) continue;
    for (const BackendView& backend : one.backends) {
      const std::string name = one.name + "/" + backend.name;
      if (!backend.agent) {
        table.Add({name, "-", "-", "-", "-", "has not reported"});
        continue;
      }
      const AgentReportView& agent = *backend.agent;
      const auto wrong = std::ranges::count(agent.findings, false, &FindingView::ok);
      table.Add({name, agent.confirmed ? "yes" : "no", agent.view, Dash(agent.encoding),
                 fmt::format("{}", agent.connections),
                 wrong == 0 ? "all well" : Counted(static_cast<uint64_t>(wrong), "problem")});
      if (agent.rejected) {
        details += fmt::format("{} rejects what it was sent: {}\n", name, *agent.rejected);
      }
      for (const FindingView& finding : agent.findings) {
        if (!finding.ok) details += fmt::format("{}: {}: {}\n", name, finding.name, finding.detail);
      }
    }
  }
  return table.Text() + details;
}

std::string DrainText(const std::string& pool, const BackendView& backend) {
  std::string text = fmt::format("{}/{}: {}", pool, backend.name, backend.state);
  if (!backend.agent) {
    text += ": its agent has not reported, so how many connections are left is unknown";
  } else if (backend.agent->connections == 0) {
    text += ": no connection left";
  } else {
    text += fmt::format(": {} left, the oldest {} old",
                        Counted(backend.agent->connections, "connection"),
                        DurationText(backend.agent->oldest_connection_s));
  }
  if (backend.deadline_in_s) {
    text += fmt::format("; the deadline is in {}", DurationText(*backend.deadline_in_s));
  }
  return text;
}

std::string RetireCostText(const GenerationView& generation) {
  if (generation.tokens == 0) return "";
  return fmt::format(
      "generation {} names {} of live connections: they go on, but no further subflow can join "
      "them\n",
      generation.serial, Counted(generation.tokens, "token"));
}

}  // namespace joinery::ctl
