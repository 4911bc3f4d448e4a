#include "backend/agent/run/testing.h"

namespace joinery::agent {

Core Encoding() {
  Core core(Self{}, std::nullopt);
  api::AgentView view;
  view.at = {1, 2};
  view.pool = "web";
  view.backend = "web1";
  view.pool_id = PoolId(7);
  view.id = BackendId(23);
  view.drain = true;
  view.active = api::SchemeGeneration{.codepoint = Codepoint(1),
                                      .serial = Serial(2),
                                      .state = settings::GenerationState::kActive,
                                      .key = crypto::Key128::Bytes{0xde, 0xad, 0xbe, 0xef}};
  const kmod::ActiveScheme scheme{
      .pool = PoolId(7), .backend = BackendId(23), .codepoint = Codepoint(1), .serial = Serial(2)};
  const api::Stamp stamp{.at = view.at, .digest = {}};
  static_cast<void>(core.Step(ViewCame{.view = view, .stamp = stamp}));
  static_cast<void>(core.Step(RecordKept{}));
  static_cast<void>(core.Step(EncoderRead{{.incarnation = 0xabc}}));
  static_cast<void>(core.Step(Answered{.view = stamp, .incarnation = 0xabc, .may_encode = true}));
  static_cast<void>(core.Step(RecordKept{}));
  static_cast<void>(core.Step(
      EncoderSet{.error = "", .state = {.incarnation = 0xabc, .scheme = scheme, .keys = 9}}));
  UsesCounted uses;
  uses.tokens = {{Serial(2), 5}};
  uses.leased = {{Serial(1), 64}};
  uses.connections = 6;
  uses.oldest_s = 77;
  static_cast<void>(core.Step(uses));
  return core;
}

AgentState StateOf(const Core& core) {
  return {.core = &core,
          .control_reached = true,
          .control = "unix:/run/c.sock",
          .trouble = "",
          .encoder_error = "",
          .encoder_counters = nullptr,
          .leases = nullptr,
          .lease_server = nullptr,
          .findings = {{.name = "mtu", .ok = false, .detail = "eth0 1400"}}};
}

}  // namespace joinery::agent
