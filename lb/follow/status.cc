#include "lb/follow/status.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "api/position_text.h"
#include "base/hex.h"

namespace joinery::follow {
namespace {

// What is not printable ASCII becomes '?': reasons quote what others sent.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out + '"';
}

}  // namespace

Status StatusOf(const State& state, Instant now) {
  Status status{.announce = state.announce,
                .connected = state.connected.value_or(false),
                .behind = state.behind,
                .lease_left = {},
                .scheme = {},
                .load = {},
                .rejected = state.rejected};
  if (HasLease(state, now)) status.lease_left = state.lease_end.value_or(now) - now;
  if (state.in_force) {
    status.scheme = state.in_force->scheme.stamp;
    status.load = state.in_force->load.stamp.at;
  }
  return status;
}

std::string ToJson(const Status& status) {
  const std::string rejected = status.rejected ? fmt::format(R"({{"at":"{}","reason":{}}})",
                                                             api::ToString(status.rejected->at),
                                                             Quoted(status.rejected->reason))
                                               : "null";
  return fmt::format(
      R"({{"announce":"{}","connected":{},"behind":{},"lease":{},"lease_left_s":{:.3f},)"
      R"("scheme":"{}","scheme_sha256":"{}","load":"{}","rejected":{}}})",
      Name(status.announce), status.connected, status.behind, status.lease(),
      std::chrono::duration<double>(status.lease_left).count(), api::ToString(status.scheme.at),
      ToHex(status.scheme.digest), api::ToString(status.load), rejected);
}

}  // namespace joinery::follow
