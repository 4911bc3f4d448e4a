// From the kernel's sockets to what an agent reports: tokens in use by generation, connections to
// the VIPs, the age of the oldest. Pure; sock_diag.h says what is a connection.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "api/balancer_view.h"
#include "backend/agent/core/core.h"
#include "backend/agent/diagnostics/sock_diag.h"
#include "base/clock.h"

namespace joinery::agent {

// Whether the socket's own address is one of the VIPs, TCP, at one of its ports.
[[nodiscard]] bool IsAtVip(const SocketRow& row, std::span<const api::ServedVip> vips) noexcept;

struct TokenCounts {
  std::map<Serial, uint32_t> tokens;
  uint32_t foreign = 0;     // of another backend, or under a codepoint that stands for nothing
  uint32_t unroutable = 0;  // reserved codepoint
};

// A token counts for the generation that its codepoint stands for, unless that generation's key is
// known and says that the token is another's.
[[nodiscard]] TokenCounts CountTokens(std::span<const SocketRow> mptcp, const CountUses& order);

[[nodiscard]] uint32_t CountConnections(std::span<const SocketRow> tcp,
                                        std::span<const api::ServedVip> vips) noexcept;

// How long sockets have been seen. The kernel does not say when a connection began, so an age
// counts from the first look: after a start of the agent it is too low at first.
class Ages {
 public:
  // At most so many are followed: those with the lowest cookies. Others have no age.
  static constexpr size_t kMaxFollowed = size_t{1} << 20;

  // The sockets that there are now. Returns the age of the oldest, 0 without any.
  [[nodiscard]] Nanoseconds Update(std::vector<uint64_t> cookies, Instant now);

 private:
  struct Seen {
    uint64_t cookie;
    Instant since;
  };
  std::vector<Seen> seen_;  // by cookie, ascending
};

}  // namespace joinery::agent
