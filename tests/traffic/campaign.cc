#include "tests/traffic/campaign.h"

#include <algorithm>
#include <barrier>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

namespace joinery::traffic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kHoldInterval = milliseconds(50);  // between two rounds of echoes

struct Member {
  Report report;
  std::optional<Session> session;  // none: broken or over
};

// The members of one worker: those whose index leaves its number over the number of workers.
class Worker {
 public:
  Worker(const CampaignOptions& options, const std::function<void(std::string_view, Member&)>& tell)
      : options_(options), tell_(tell) {}

  void Add(Member* member) { members_.push_back(member); }

  void Open() {
    for (Member* member : members_) {
      OpenOne(*member);
      tell_("opened", *member);
    }
  }

  void Fetch() {
    if (options_.fetch_bytes == 0) return;
    ForEachAlive(
        [this](Member& member) { return member.session->Fetch(options_.fetch_bytes, Soon()); });
  }

  void Hold(Deadline until) {
    while (steady_clock::now() < until && options_.hold_on()) {
      ForEachAlive([this](Member& member) {
        ++member.report.echoes;
        return member.session->Echo(fmt::format("{}", member.report.echoes), Soon());
      });
      std::this_thread::sleep_until(std::min(until, steady_clock::now() + kHoldInterval));
    }
  }

  // Asks all before any closes: a slow end of one must not look like the end of another.
  void Ask() {
    ForEachAlive([this](Member& member) -> Expected<void> {
      const ConnectionState state = QueryConnection(member.session->fd());
      member.report.mptcp = state.mptcp;
      member.report.client_token = state.token;
      member.report.subflows = state.subflows;
      const auto info = member.session->Info(Soon());
      if (!info) return tl::unexpected(info.error());
      member.report.server = *info;
      member.report.last_backend = info->backend;
      if (info->backend != member.report.backend) {
        return Fail(
            fmt::format("began at {} and ended at {}", member.report.backend, info->backend));
      }
      return {};
    });
  }

  void Close() {
    for (Member* member : members_) {
      tell_("closed", *member);
      member->session.reset();
    }
  }

 private:
  [[nodiscard]] Deadline Soon() const { return steady_clock::now() + options_.step_timeout; }

  void OpenOne(Member& member) {
    Report& report = member.report;
    auto session = Session::Open(report.remote, options_.transport, Soon());
    if (!session) {
      report.broken = session.error().message;
      return;
    }
    report.backend = session->backend();
    if (const auto local = LocalEndpoint(session->fd())) report.local = *local;
    // Data both ways: a client joins only when its first subflow is fully established (RFC 8684
    // section 3.1).
    if (const auto echo = session->Echo("hello", Soon()); !echo) {
      report.broken = echo.error().message;
      return;
    }
    report.join =
        session->WaitForSubflows(options_.subflows, steady_clock::now() + options_.join_timeout);
    const ConnectionState state = QueryConnection(session->fd());
    report.mptcp = state.mptcp;
    report.client_token = state.token;
    report.subflows = state.subflows;
    member.session = std::move(*session);
  }

  template <typename Step>
  void ForEachAlive(const Step& step) {
    for (Member* member : members_) {
      if (!member->session) continue;
      const Expected<void> done = step(*member);
      if (done) continue;
      member->report.broken = done.error().message;
      member->session.reset();
    }
  }

  const CampaignOptions& options_;
  const std::function<void(std::string_view, Member&)>& tell_;
  std::vector<Member*> members_;
};

}  // namespace

std::vector<Report> RunCampaign(const CampaignOptions& options, const OnReport& on_report) {
  std::vector<Member> members(options.connections);
  std::mutex mutex;
  const std::function<void(std::string_view, Member&)> tell = [&](std::string_view event,
                                                                  Member& member) {
    const std::lock_guard lock(mutex);
    on_report(event, member.report);
  };
  const uint32_t count = std::clamp(options.workers, 1U, std::max(options.connections, 1U));
  std::vector<Worker> workers(count, Worker(options, tell));
  for (uint32_t i = 0; i < options.connections; ++i) {
    members[i].report.index = i;
    members[i].report.remote = options.remotes[i % options.remotes.size()];
    workers[i % count].Add(&members[i]);
  }

  Deadline hold_until{};
  std::barrier phase(static_cast<std::ptrdiff_t>(count), [&]() noexcept {
    if (hold_until == Deadline{}) hold_until = steady_clock::now() + options.hold;
  });
  std::vector<std::jthread> threads;
  threads.reserve(count);
  for (Worker& worker : workers) {
    threads.emplace_back([&worker, &phase, &hold_until] {
      worker.Open();
      phase.arrive_and_wait();
      worker.Fetch();
      worker.Hold(hold_until);
      phase.arrive_and_wait();
      worker.Ask();
      phase.arrive_and_wait();
      worker.Close();
    });
  }
  threads.clear();  // joins them

  std::vector<Report> reports;
  reports.reserve(members.size());
  for (Member& member : members) reports.push_back(std::move(member.report));
  return reports;
}

std::string ToJson(std::string_view event, const Report& report) {
  std::string subflows;
  for (const Subflow& subflow : report.subflows) {
    subflows += fmt::format(R"({}{{"local":"{}","remote":"{}","established":{},"received":{}}})",
                            subflows.empty() ? "" : ",", ToString(subflow.local),
                            ToString(subflow.remote), subflow.established, subflow.received);
  }
  std::string broken = report.broken;
  std::ranges::replace_if(
      broken, [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
  return fmt::format(
      R"({{"event":"{}","connection":{},"family":{},"local":"{}","remote":"{}",)"
      R"("backend":"{}","last_backend":"{}","join":"{}","mptcp":{},"client_token":"{:08x}",)"
      R"("server_mptcp":{},"server_token":"{:08x}","server_subflows":{},"subflows":[{}],)"
      R"("echoes":{},"broken":"{}"}})",
      event, report.index, report.remote.address.is_v4() ? 4 : 6, ToString(report.local),
      ToString(report.remote), report.backend, report.last_backend, ToString(report.join),
      report.mptcp, report.client_token.value(), report.server.mptcp, report.server.token.value(),
      report.server.subflows, subflows, report.echoes, broken);
}

}  // namespace joinery::traffic
