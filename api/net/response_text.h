// The head of a response as HTTP/1.1 writes it (RFC 9112 section 4), up to the empty line.
#pragma once

#include <string>

#include "api/net/message.h"

namespace joinery::api {

// Fills in what the response does not say: length, digest, whether the connection ends.
[[nodiscard]] std::string ResponseHead(const Response& response, bool keep_alive);

}  // namespace joinery::api
