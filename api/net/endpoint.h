// Where a server is, and how a client makes sure that it is the right one.
#pragma once

#include <memory>
#include <string>

#include "api/net/credentials.h"
#include "api/net/identity.h"
#include "base/expected.h"
#include "base/ids.h"

namespace joinery::api {

// A Unix socket, or a host and port over mutual TLS 1.3, whose certificate must name `role`: names
// and addresses of hosts prove nothing here.
struct Endpoint {
  std::string unix_path{};
  std::string host{};  // a name, an IPv4 or an IPv6 address
  Port port{};
  std::shared_ptr<Credentials> credentials{};
  Role role = Role::kControl;
};

// "unix:/run/joinery/control.sock", "198.18.0.1:7000", "[2001:db8::1]:7000",
// "control.example:7000"; the last three need credentials.
[[nodiscard]] Expected<Endpoint> ParseEndpoint(std::string_view text,
                                               std::shared_ptr<Credentials> credentials = {});
[[nodiscard]] std::string ToString(const Endpoint& endpoint);

}  // namespace joinery::api
