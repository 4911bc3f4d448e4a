#include "api/net/endpoint.h"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/ip_address.h"

namespace joinery::api {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr size_t kMaxHostBytes = 253;  // of a name in DNS (RFC 1035 section 2.3.4)
constexpr size_t kMaxPathBytes = 107;  // sun_path of unix(7), less its final zero

std::optional<Port> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || port == 0) {
    return std::nullopt;
  }
  return Port(port);
}

bool IsHost(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !text.empty() && text.size() <= kMaxHostBytes &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Expected<Endpoint> ParseEndpoint(std::string_view text, std::shared_ptr<Credentials> credentials) {
  const auto refuse = [&](std::string_view why) {
    return Fail(fmt::format(
        "\"{}\": {}; expected unix:PATH, ADDRESS:PORT, [IPV6]:PORT or NAME:PORT", text, why));
  };
  Endpoint endpoint;
  if (text.starts_with(kUnix)) {
    endpoint.unix_path = text.substr(kUnix.size());
    if (endpoint.unix_path.empty()) return refuse("no path");
    if (endpoint.unix_path.size() > kMaxPathBytes) return refuse("the path is too long");
    return endpoint;
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("no port");
  const auto port = ParsePort(text.substr(colon + 1));
  if (!port) return refuse("the port is not 1..65535");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    const auto address = IpAddress::Parse(host);
    if (!address || address->is_v4()) return refuse("no IPv6 address in brackets");
  } else if (!IsHost(host)) {
    return refuse("neither an address nor a name");
  }
  if (!credentials) return refuse("TLS needs certificate, key and authority");
  endpoint.host = host;
  endpoint.port = *port;
  endpoint.credentials = std::move(credentials);
  return endpoint;
}

std::string ToString(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return fmt::format("{}{}", kUnix, endpoint.unix_path);
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", endpoint.host, v6 ? "]" : "",
                     endpoint.port.value());
}

}  // namespace joinery::api
