#include "api/net/response_text.h"

#include <iterator>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include "api/digest.h"
#include "api/position_text.h"

namespace joinery::api {
namespace {

// A value that ends a line would be another header.
std::string OneLine(std::string_view value) {
  std::string line(value);
  for (char& c : line) {
    if (static_cast<uint8_t>(c) < 0x20) c = ' ';
  }
  return line;
}

}  // namespace

std::string ResponseHead(const Response& response, bool keep_alive) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nCache-Control: no-store\r\n", response.status,
                                 std::string_view(reason.data(), reason.size()));
  const auto out = std::back_inserter(head);
  if (response.body) {
    const Digest digest = response.digest ? *response.digest : DigestOf(*response.body);
    fmt::format_to(out, "Content-Type: {}\r\nContent-Digest: {}\r\n",
                   OneLine(response.content_type), ToContentDigest(digest));
  }
  // RFC 9110 section 8.6: not in a response 204.
  if (response.status != 204) {
    fmt::format_to(out, "Content-Length: {}\r\n", response.body ? response.body->size() : 0);
  }
  if (response.position) {
    fmt::format_to(out, "Joinery-Position: {}\r\n", ToString(*response.position));
  }
  for (const auto& [name, value] : response.headers) {
    fmt::format_to(out, "{}: {}\r\n", OneLine(name), OneLine(value));
  }
  if (!keep_alive) head += "Connection: close\r\n";
  return head += "\r\n";
}

}  // namespace joinery::api
