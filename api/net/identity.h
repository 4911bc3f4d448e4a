// Who is at the other end: what its certificate names (a URI in the subject's alternative names,
// RFC 5280 section 4.2.1.6), or the user of a Unix socket (SO_PEERCRED of unix(7)). Never what a
// request says of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace joinery::api {

enum class Role : uint8_t {
  kLocal,     // a process on this host, known by its user
  kBalancer,  // joinery:balancer:NAME
  kAgent,     // joinery:agent:POOL/BACKEND
  kControl,   // joinery:control:NAME
  kOperator,  // joinery:operator:NAME
};

struct Identity {
  Role role = Role::kLocal;
  std::string name{};  // of the balancer, backend, control or operator; empty when local
  std::string pool{};  // of an agent
  // Of a process on a Unix socket, whatever its role is; of others 0xffffffff and 0.
  uint32_t uid = UINT32_MAX;
  uint32_t gid = UINT32_MAX;
  int32_t pid = 0;

  friend bool operator==(const Identity&, const Identity&) = default;
};

// A role that a certificate can name. Names are 1 to 63 letters, digits, '-', '_' or '.', the first
// one a letter or a digit; an agent has two of them.
[[nodiscard]] std::optional<Identity> ParseIdentity(std::string_view uri);

// "joinery:agent:web/web1"; when local "uid 1000".
[[nodiscard]] std::string ToString(const Identity& identity);

}  // namespace joinery::api
