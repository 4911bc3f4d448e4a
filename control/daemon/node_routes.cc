#include "control/daemon/node_routes.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/reports_json.h"

namespace joinery::control {
namespace {

constexpr unsigned kBadRequest = 400;
constexpr unsigned kForbidden = 403;
constexpr unsigned kNotFound = 404;
constexpr unsigned kUnavailable = 503;

using api::ErrorResponse;
using api::Identity;
using api::Request;
using api::Responder;
using api::Role;

// The refusal of who may not ask this, or does not exist; nothing when all is well.
std::optional<api::Response> WhyNoBalancer(const Driver& driver, const Identity& peer) {
  if (peer.role != Role::kBalancer) {
    return ErrorResponse(kForbidden, fmt::format("{} is no balancer", ToString(peer)));
  }
  if (!driver.model().durable.balancers.contains(peer.name)) {
    return ErrorResponse(kNotFound, fmt::format("the configuration has no balancer {}", peer.name));
  }
  return std::nullopt;
}

std::optional<api::Response> WhyNoAgent(const Driver& driver, const Identity& peer) {
  if (peer.role != Role::kAgent) {
    return ErrorResponse(kForbidden, fmt::format("{} is no agent", ToString(peer)));
  }
  const auto& pools = driver.model().durable.pools;
  const auto pool = pools.find(peer.pool);
  if (pool == pools.end() || !pool->second.backends.contains(peer.name)) {
    return ErrorResponse(
        kNotFound, fmt::format("the configuration has no backend {}/{}", peer.pool, peer.name));
  }
  return std::nullopt;
}

void WatchAsBalancer(Driver& driver, std::string_view resource, const Request& request,
                     Responder responder) {
  if (auto refusal = WhyNoBalancer(driver, request.peer)) {
    responder.Send(*std::move(refusal));
    return;
  }
  driver.hub().Watch(resource, request, std::move(responder));
}

void WatchAsAgent(Driver& driver, const Request& request, Responder responder) {
  if (auto refusal = WhyNoAgent(driver, request.peer)) {
    responder.Send(*std::move(refusal));
    return;
  }
  const BackendRef ref{.pool = request.peer.pool, .backend = request.peer.name};
  driver.hub().Watch(AgentResource(ref), request, std::move(responder));
}

template <typename Reply>
void Answer(Responder& responder, const std::optional<Reply>& reply) {
  responder.Send(reply ? api::JsonResponse(ToJson(*reply))
                       : ErrorResponse(kUnavailable, "the report was not taken", 1));
}

void TakeBalancerReport(Driver& driver, const Request& request, Responder responder) {
  if (auto refusal = WhyNoBalancer(driver, request.peer)) {
    responder.Send(*std::move(refusal));
    return;
  }
  auto report = api::ParseBalancerReport(request.body);
  if (!report) {
    responder.Send(ErrorResponse(kBadRequest, report.error().message));
    return;
  }
  const bool trusted = driver.Trusts(kSchemeResource, report->scheme);
  auto way_back = std::make_shared<Responder>(std::move(responder));
  driver.Submit(
      BalancerReported{
          .balancer = request.peer.name, .report = *std::move(report), .trusted_bytes = trusted},
      [way_back](const Actions& actions) { Answer(*way_back, actions.balancer_reply); });
}

void TakeAgentReport(Driver& driver, const Request& request, Responder responder) {
  if (auto refusal = WhyNoAgent(driver, request.peer)) {
    responder.Send(*std::move(refusal));
    return;
  }
  auto report = api::ParseAgentReport(request.body);
  if (!report) {
    responder.Send(ErrorResponse(kBadRequest, report.error().message));
    return;
  }
  const BackendRef ref{.pool = request.peer.pool, .backend = request.peer.name};
  const bool trusted = driver.Trusts(AgentResource(ref), report->view);
  auto way_back = std::make_shared<Responder>(std::move(responder));
  driver.Submit(AgentReported{.from = ref, .report = *std::move(report), .trusted_bytes = trusted},
                [way_back](const Actions& actions) { Answer(*way_back, actions.agent_reply); });
}

}  // namespace

void AddNodeRoutes(api::Server& server, Driver& driver) {
  const auto watch = [&driver](std::string_view resource) {
    return [&driver, resource](const Request& request, Responder responder) {
      WatchAsBalancer(driver, resource, request, std::move(responder));
    };
  };
  server.Route("GET", "/v1/balancer/scheme", watch(kSchemeResource));
  server.Route("GET", "/v1/balancer/load", watch(kLoadResource));
  server.Route("POST", "/v1/balancer/report", [&driver](const Request& request, Responder to) {
    TakeBalancerReport(driver, request, std::move(to));
  });
  server.Route("GET", "/v1/agent/view", [&driver](const Request& request, Responder to) {
    WatchAsAgent(driver, request, std::move(to));
  });
  server.Route("POST", "/v1/agent/report", [&driver](const Request& request, Responder to) {
    TakeAgentReport(driver, request, std::move(to));
  });
}

}  // namespace joinery::control
