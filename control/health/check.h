// One check of one backend: what is asked of it and what it answered.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/ip_address.h"

namespace joinery::health {

enum class CheckKind : uint8_t {
  kTcp,    // the VIP's port takes a connection
  kHttp,   // GET: status and body
  kHttps,  // the same over TLS; the certificate is not judged, since checks ask for life, not trust
  kMptcp,  // the answer to MP_CAPABLE has a token that names this very backend
};

struct Check {
  CheckKind kind = CheckKind::kTcp;
  std::string path = "/";       // http, https
  std::string host;             // http, https: Host and SNI; empty: the VIP
  uint16_t status_first = 200;  // http, https: what is well
  uint16_t status_last = 299;
  std::string body;  // http, https: must occur in the first kMaxBody bytes; empty: any

  friend bool operator==(const Check&, const Check&) noexcept = default;
};

inline constexpr size_t kMaxBody = 65'536;

// Where a check goes. The backend behind it follows from `source` (source_addresses.h).
struct Endpoints {
  IpAddress source;
  IpAddress vip;
  Port port;
};

struct Outcome {
  bool ok = false;
  std::string detail;  // "HTTP status 503; wanted 200..299"
};

}  // namespace joinery::health
