#include "control/ctl/status_view.h"

#include <algorithm>

#include <fmt/format.h>

#include <netinet/in.h>

#include "api/json_reader.h"
#include "api/view_json.h"

namespace joinery::ctl {
namespace {

using api::JsonValue;

constexpr size_t kMany = 1 << 20;
constexpr size_t kMaxText = 65'536;

std::string Text(const JsonValue& value) { return value.Text(kMaxText); }
uint64_t Number(const JsonValue& value) { return value.Integer<uint64_t>(); }

std::optional<uint64_t> MaybeNumber(const JsonValue& value) {
  if (!value.HasValue()) return std::nullopt;
  return Number(value);
}

std::optional<std::string> MaybeText(const JsonValue& value) {
  if (!value.HasValue()) return std::nullopt;
  return Text(value);
}

std::string VipText(const api::ServedVip& vip) {
  std::string ports;
  for (const auto& range : vip.ports) {
    ports += (ports.empty() ? "" : ",") + ToString(range);
  }
  const bool fragments = vip.fragments == settings::Fragments::kByAddress;
  return fmt::format("{} {} {}{}", ToString(vip.address),
                     vip.protocol == IPPROTO_TCP ? "tcp" : "udp", ports,
                     fragments ? ", fragments by address" : "");
}

GenerationView ReadGeneration(const JsonValue& value) {
  return {.serial = Number(value["serial"]),
          .codepoint = Number(value["codepoint"]),
          .state = Text(value["state"]),
          .told = Number(value["told"]),
          .tokens = Number(value["tokens"]),
          .keys = Number(value["keys"]),
          .draining_for_s = MaybeNumber(value["draining_for_s"])};
}

AgentReportView ReadAgent(const JsonValue& value) {
  AgentReportView agent{.confirmed = value["confirmed"].Bool(),
                        .view = Text(value["view"]),
                        .rejected = MaybeText(value["rejected"]),
                        .encoding = MaybeNumber(value["encoding"]),
                        .connections = Number(value["connections"]),
                        .oldest_connection_s = Number(value["oldest_connection_s"]),
                        .findings = {}};
  value["findings"].Each(kMany, [&](const JsonValue& finding) {
    agent.findings.push_back({.name = Text(finding["name"]),
                              .ok = finding["ok"].Bool(),
                              .detail = Text(finding["detail"])});
  });
  return agent;
}

HealthView ReadHealth(const JsonValue& value) {
  return {.state = Text(value["state"]),
          .for_s = Number(value["for_s"]),
          .held_for_s = Number(value["held_for_s"]),
          .last_failure = MaybeText(value["last_failure"]),
          .checks = Number(value["checks"]),
          .failures = Number(value["failures"])};
}

BackendView ReadBackend(const JsonValue& value) {
  BackendView backend{.name = Text(value["name"]),
                      .id = Number(value["id"]),
                      .address = Text(value["address"]),
                      .encap = Text(value["encap"]),
                      .weight = Number(value["weight"]),
                      .state = Text(value["state"]),
                      .healthy = value["healthy"].Bool(),
                      .health = {},
                      .deadline_in_s = MaybeNumber(value["deadline_in_s"]),
                      .agent = {}};
  const JsonValue health = value["health"];
  if (health.HasValue()) backend.health = ReadHealth(health);
  const JsonValue agent = value["agent"];
  if (agent.HasValue()) backend.agent = ReadAgent(agent);
  return backend;
}

PoolView ReadPool(const JsonValue& value) {
  PoolView pool{.name = Text(value["name"]),
                .id = Number(value["id"]),
                .handshake = Text(value["handshake"]),
                .max_backends = Number(value["max_backends"]),
                .vips = {},
                .generations = {},
                .backends = {}};
  for (const api::ServedVip& vip : api::ReadVips(value["vips"])) pool.vips.push_back(VipText(vip));
  value["generations"].Each(kMany, [&](const JsonValue& generation) {
    pool.generations.push_back(ReadGeneration(generation));
  });
  value["backends"].Each(
      kMany, [&](const JsonValue& backend) { pool.backends.push_back(ReadBackend(backend)); });
  return pool;
}

BalancerView ReadBalancer(const JsonValue& value) {
  BalancerView balancer;
  balancer.name = Text(value["name"]);
  balancer.leased = value["leased"].Bool();
  balancer.lease_left_s = MaybeNumber(value["lease_left_s"]);
  balancer.confirmed = value["confirmed"].Bool();
  const JsonValue report = value["report"];
  balancer.reported = report.HasValue();
  if (balancer.reported) {
    balancer.ready = report["ready"].Bool();
    balancer.scheme = Text(report["scheme"]);
    balancer.load = Text(report["load"]);
    balancer.tables = Text(report["tables"]);
    balancer.rejected = MaybeText(report["rejected"]);
  }
  return balancer;
}

StatusView ReadStatus(const JsonValue& value) {
  StatusView status;
  status.control = Text(value["control"]);
  status.epoch = Number(value["epoch"]);
  status.scheme = Text(value["scheme"]);
  status.load = Text(value["load"]);
  status.waiting = value["waiting"].Bool();
  value["waits_for"].Each(kMany,
                          [&](const JsonValue& name) { status.waits_for.push_back(Text(name)); });
  value["alarms"].Each(kMany,
                       [&](const JsonValue& alarm) { status.alarms.push_back(Text(alarm)); });
  value["balancers"].Each(kMany, [&](const JsonValue& balancer) {
    status.balancers.push_back(ReadBalancer(balancer));
  });
  value["pools"].Each(kMany,
                      [&](const JsonValue& pool) { status.pools.push_back(ReadPool(pool)); });
  return status;
}

}  // namespace

Expected<StatusView> ParseStatus(std::string_view json) {
  return api::ReadMessage<StatusView>(json, ReadStatus);
}

const PoolView* FindPool(const StatusView& status, std::string_view name) {
  const auto found = std::ranges::find(status.pools, name, &PoolView::name);
  return found == status.pools.end() ? nullptr : &*found;
}

const BackendView* FindBackend(const StatusView& status, std::string_view pool,
                               std::string_view backend) {
  const PoolView* in = FindPool(status, pool);
  if (in == nullptr) return nullptr;
  const auto found = std::ranges::find(in->backends, backend, &BackendView::name);
  return found == in->backends.end() ? nullptr : &*found;
}

}  // namespace joinery::ctl
