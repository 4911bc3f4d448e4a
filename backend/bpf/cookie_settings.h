// What the tc programs of the timestamp cookie are told: the pools that this host is a backend of,
// and which VIP belongs to which. docs/cookie-format.md, docs/protocol.md section 5.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/ip_address.h"
#include "base/port_range.h"
#include "tokenmap/timestamp_cookie.h"

namespace joinery::bpf {

struct CookiePool {
  PoolId pool{};
  uint8_t id_bits = 8;                        // s: 1..tokenmap::kMaxCookieIdBits
  BackendId id{};                             // of this backend, below 2^s
  std::vector<tokenmap::CookieEpoch> live{};  // at most four, no two of one residue
  // The live epoch that egress writes; without one the pool's packets pass as they are.
  std::optional<Serial> writing{};
};

struct CookieVip {
  IpAddress address;
  std::vector<PortRange> ports{};  // of TCP
  PoolId pool{};                   // one of CookieSettings::pools
};

struct CookieSettings {
  std::vector<CookiePool> pools{};
  std::vector<CookieVip> vips{};
};

}  // namespace joinery::bpf
