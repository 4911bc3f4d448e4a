#include "tests/traffic/line_protocol.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace joinery::traffic {
namespace {

// Takes `prefix` off the front of `text`; false when it does not stand there.
bool Skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The number must be the whole text: no sign, no space, nothing behind it.
template <typename T>
bool ParseNumber(std::string_view text, int base, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

// The value of "key=value " at the front of `text`; takes both and the space off.
bool TakeField(std::string_view& text, std::string_view key, std::string_view& value) {
  if (!Skip(text, key) || !Skip(text, "=")) return false;
  const size_t end = std::min(text.find(' '), text.size());
  value = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return true;
}

}  // namespace

Expected<Request> ParseRequest(std::string_view line) {
  if (line == "INFO") return Request{.verb = Verb::kInfo};
  std::string_view rest = line;
  if (Skip(rest, "ECHO ")) return Request{.verb = Verb::kEcho, .text = rest};
  if (Skip(rest, "SEND ")) {
    uint64_t bytes = 0;
    if (!ParseNumber(rest, 10, bytes) || bytes > kMaxSendBytes) {
      return Fail(fmt::format("SEND takes a number up to {}", kMaxSendBytes));
    }
    return Request{.verb = Verb::kSend, .bytes = bytes};
  }
  return Fail("unknown verb; ECHO, SEND and INFO are known");
}

std::string EmitInfo(const ServerInfo& info) {
  return fmt::format("INFO backend={} mptcp={:d} token={:08x} subflows={}\n", info.backend,
                     info.mptcp, info.token.value(), info.subflows);
}

Expected<ServerInfo> ParseInfo(std::string_view line) {
  std::string_view rest = line;
  std::string_view backend;
  std::string_view mptcp;
  std::string_view token;
  std::string_view subflows;
  ServerInfo info;
  uint32_t token_value = 0;
  const bool complete = Skip(rest, "INFO ") && TakeField(rest, "backend", backend) &&
                        TakeField(rest, "mptcp", mptcp) && TakeField(rest, "token", token) &&
                        TakeField(rest, "subflows", subflows) && rest.empty();
  if (!complete || !IsName(backend) || (mptcp != "0" && mptcp != "1") || token.size() != 8 ||
      !ParseNumber(token, 16, token_value) || !ParseNumber(subflows, 10, info.subflows)) {
    return Fail(fmt::format("not an INFO line: '{}'", line));
  }
  info.backend = backend;
  info.mptcp = mptcp == "1";
  info.token = Token(token_value);
  return info;
}

bool IsName(std::string_view name) noexcept {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), fits);
}

void FillPattern(uint64_t offset, std::span<uint8_t> out) noexcept {
  for (size_t i = 0; i < out.size(); ++i) out[i] = PatternByte(offset + i);
}

size_t FirstWrongByte(uint64_t offset, std::span<const uint8_t> bytes) noexcept {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != PatternByte(offset + i)) return i;
  }
  return bytes.size();
}

}  // namespace joinery::traffic
