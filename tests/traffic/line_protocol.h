// What mptcp-client and mptcp-server say to each other over one connection: lines of ASCII that end
// with '\n', at most kMaxLine bytes with it.
//
//   server, at once     HELLO <backend>
//   ECHO <text>         ECHO <text>
//   SEND <n>            DATA <n>, then n bytes of the pattern below
//   INFO                INFO backend=<name> mptcp=<0|1> token=<8 hex digits> subflows=<n>
//
// Anything else is answered by "ERROR <why>", and the server hangs up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "base/ids.h"

namespace joinery::traffic {

inline constexpr size_t kMaxLine = 256;
inline constexpr uint64_t kMaxSendBytes = uint64_t{1} << 30;
inline constexpr size_t kMaxName = 32;

enum class Verb : uint8_t { kEcho, kSend, kInfo };

struct Request {
  Verb verb = Verb::kInfo;
  uint64_t bytes = 0;          // kSend: how many
  std::string_view text = {};  // kEcho: what; borrows from the line

  friend bool operator==(const Request&, const Request&) noexcept = default;
};

// `line` comes without its '\n'.
[[nodiscard]] Expected<Request> ParseRequest(std::string_view line);

// What the server's kernel says of the connection that asks.
struct ServerInfo {
  std::string backend;
  bool mptcp = false;     // false: it fell back to TCP, and the rest is zero
  Token token;            // the server's own: what an MP_JOIN of this connection carries
  uint32_t subflows = 0;  // established now, the first one counted

  friend bool operator==(const ServerInfo&, const ServerInfo&) noexcept = default;
};

// With the '\n'.
[[nodiscard]] std::string EmitInfo(const ServerInfo& info);
// Without it.
[[nodiscard]] Expected<ServerInfo> ParseInfo(std::string_view line);

// Letters, digits and '-', 1..kMaxName of them: safe in a line, in JSON and on a terminal.
[[nodiscard]] bool IsName(std::string_view name) noexcept;

// The n bytes of SEND: each depends on its place, so that a lost or a doubled piece shows.
[[nodiscard]] constexpr uint8_t PatternByte(uint64_t offset) noexcept {
  return static_cast<uint8_t>(offset ^ (offset >> 8) ^ (offset >> 16));
}
void FillPattern(uint64_t offset, std::span<uint8_t> out) noexcept;
// The index of the first byte that is not the pattern's; bytes.size() when all are.
[[nodiscard]] size_t FirstWrongByte(uint64_t offset, std::span<const uint8_t> bytes) noexcept;

}  // namespace joinery::traffic
