// What control tells a balancer, in two parts with positions of their own (docs/protocol.md
// section 3). The scheme part holds what decoding needs and is fenced by I8; the load part names
// only IDs of the scheme part and is published at once. Plain values; api/*_json.h is their form on
// the wire.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/position.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "base/port_range.h"
#include "crypto/key128.h"
#include "settings/config.h"

namespace joinery::api {

// A balancer decodes every one of these; `pending`, `active` and `draining` differ only for people.
struct SchemeGeneration {
  Codepoint codepoint;
  Serial serial;
  settings::GenerationState state = settings::GenerationState::kPending;
  crypto::Key128 key;
};

// A backend that decoding knows. Whether new connections come to it says the load part.
struct Member {
  BackendId id;
  std::string name;  // seeds its permutation of the Maglev table
  IpAddress address;
  settings::Encap encap = settings::Encap::kL2;
};

struct ServedVip {
  IpAddress address;
  uint8_t protocol = 6;  // IPPROTO_TCP or IPPROTO_UDP
  std::vector<PortRange> ports;
  settings::Fragments fragments = settings::Fragments::kDrop;

  friend bool operator==(const ServedVip&, const ServedVip&) noexcept = default;
};

struct PoolScheme {
  std::string name;
  PoolId id;
  uint16_t max_backends = 128;
  settings::Algorithm algorithm = settings::Algorithm::kFf1;
  uint8_t generation_bits = 2;
  settings::Handshake handshake = settings::Handshake::kDerived;
  crypto::Key128 hash_secret;
  uint32_t table_size = 65537;
  uint32_t join_rate = 50'000;
  std::vector<ServedVip> vips{};
  std::vector<SchemeGeneration> generations{};
  Serial last_serial;  // the highest ever given here: a later one is greater (I2)
  std::vector<Member> members{};
  // IDs of removed backends that nobody else may have yet (I3). Not decoded: balancers keep them,
  // like last_serial, for a control that was restored from a backup.
  std::vector<BackendId> reserved_ids{};
  // The timestamp cookie's epochs have their slot here: on the wire "cookie", null for now.
};

struct SchemePart {
  Position at;
  std::vector<PoolScheme> pools;
};

struct MemberLoad {
  BackendId id;
  uint32_t weight = 1;  // 0..1000
  settings::BackendState state = settings::BackendState::kUp;
};

struct PoolLoad {
  PoolId id;
  std::vector<MemberLoad> members;  // one that the scheme part holds and this does not: as failed
  bool withdraw = false;  // no backend is left and all_down is `withdraw`: the VIPs go (I6)
};

struct LoadPart {
  Position at;      // its version counts apart from the scheme part's
  Position scheme;  // the lowest scheme part that holds every ID named here
  std::vector<PoolLoad> pools;
};

}  // namespace joinery::api
