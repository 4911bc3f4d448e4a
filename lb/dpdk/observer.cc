#include "lb/dpdk/observer.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "api/metrics/pages.h"
#include "lb/dpdk/metrics.h"
#include "lb/explain/explain.h"
#include "lb/explain/question.h"
#include "settings/limits.h"

namespace joinery::dpdk {

Observer::Observer(Control& control, Source source, const Clock& clock)
    : control_(control), source_(std::move(source)), clock_(clock) {}

Expected<std::unique_ptr<Observer>> Observer::Open(Control& control,
                                                   const settings::Balancer& balancer,
                                                   Source source, const Clock& clock, Log& log) {
  std::unique_ptr<Observer> observer(new Observer(control, std::move(source), clock));
  Observer& self = *observer;
  auto stats = StatsServer::Listen(control.io(), balancer.stats_socket, [&self] {
    return ToJson(self.ReadStats(), self.source_.snapshot());
  });
  if (!stats) return tl::unexpected(stats.error());
  self.stats_server_ = *std::move(stats);
  const std::string requests = balancer.stats_socket + std::string(settings::kRequestsSuffix);
  if (auto opened = self.OpenRequests(requests); !opened) return tl::unexpected(opened.error());
  if (balancer.metrics) {
    auto pages = api::PageServer::Listen(control.loop(), *balancer.metrics, self.Pages());
    if (pages) {
      self.pages_ = *std::move(pages);
    } else {
      log.Trouble("balancer.metrics: " + pages.error().message + "; it goes on without");
    }
  }
  self.look_ = control.loop().Every(kLookAtLcores, [&self] {
    self.lcores_.Look(self.source_.stats().lcores, self.clock_.Now());
  });
  return observer;
}

Expected<void> Observer::OpenRequests(const std::string& path) {
  requests_ = std::make_unique<api::Server>(control_.loop());
  requests_->Route("GET", "/v1/stats", [this](const api::Request&, api::Responder responder) {
    responder.Send(api::JsonResponse(ToJson(ReadStats(), source_.snapshot()) + "\n"));
  });
  requests_->Route(
      "GET", "/v1/explain", [this](const api::Request& request, api::Responder responder) {
        const auto frame = explain::FrameOf(request.parameters);
        responder.Send(frame
                           ? api::JsonResponse(explain::Explain(source_.snapshot(), *frame) + "\n")
                           : api::ErrorResponse(400, frame.error().message));
      });
  requests_path_ = path;
  auto listening = requests_->Listen(api::UnixListener{.path = path});
  if (!listening) return Fail("balancer.stats_socket: " + listening.error().message);
  return {};
}

Expected<void> Observer::GiveTo(uid_t uid, gid_t gid) const {
  if (auto given = stats_server_->GiveTo(uid, gid); !given) return given;
  if (chown(requests_path_.c_str(), uid, gid) == 0) return {};
  return Fail(fmt::format("balancer.stats_socket: cannot give {} to user {}: {}", requests_path_,
                          uid, std::strerror(errno)));
}

void Observer::Started() { started_ = true; }

Stats Observer::ReadStats() const {
  Stats stats = source_.stats();
  stats.stats_refused = stats_server_->refused();
  return stats;
}

Condition Observer::ConditionNow() const {
  return {.started = started_, .stuck = lcores_.Stuck(), .following = source_.stats().following};
}

api::PageServer::Pages Observer::Pages() const {
  return api::PagesOf({.metrics = [this] { return ToPrometheus(ReadStats(), source_.snapshot()); },
                       .health = [this] { return HealthPage(ConditionNow()); },
                       .ready = [this] { return ReadyPage(ConditionNow()); }});
}

}  // namespace joinery::dpdk
