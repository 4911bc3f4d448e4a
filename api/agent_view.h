// What control tells the agent of one backend: its own ID, its own pool, the keys it encodes under,
// and nothing of others. Plain values; api/*_json.h is their form on the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/balancer_view.h"
#include "api/position.h"
#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::api {

// Of a generation that the backend no longer encodes under, but may have tokens of.
struct OldGeneration {
  Codepoint codepoint;
  Serial serial;
};

struct AgentView {
  Position at;
  std::string backend;
  BackendId id;
  std::string pool;
  PoolId pool_id;
  uint16_t max_backends = 128;
  settings::Algorithm algorithm = settings::Algorithm::kFf1;
  uint8_t generation_bits = 2;
  settings::Handshake handshake = settings::Handshake::kDerived;
  // What to encode under, once this view is confirmed (I9); none: the reserved codepoint.
  std::optional<SchemeGeneration> active;
  std::vector<OldGeneration> draining;  // tokens of these are still counted and reported
  bool drain = false;                   // the operator wants this backend empty
  std::vector<ServedVip> vips;
  std::vector<IpAddress> balancers;  // who may send encapsulated packets here
  // The timestamp cookie's epochs have their slot here: on the wire "cookie", null for now.
};

}  // namespace joinery::api
