// How much of each thing a server gives to its peers, and what it counts when they want more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace joinery::api {

struct ServerLimits {
  size_t connections = 16'384;
  size_t connections_per_peer = 64;  // of one certificate's name, or one user
  size_t handshakes = 256;           // at a time; more wait in the kernel's queue
  size_t header_bytes = 8'192;
  size_t body_bytes = size_t{16} << 20;  // a report that hands a scheme part back
  Nanoseconds handshake = std::chrono::seconds(10);
  Nanoseconds idle = std::chrono::seconds(120);    // between requests
  Nanoseconds request = std::chrono::seconds(10);  // from its first byte to its last
  Nanoseconds answer = std::chrono::seconds(120);  // from there to the handler's answer
  // To take an answer: this, and the time for its bytes at write_bytes_per_s.
  Nanoseconds write = std::chrono::seconds(10);
  uint64_t write_bytes_per_s = 65'536;
};

// Name, and what it counts. Names are Prometheus's too.
#define JOINERY_SERVER_COUNTERS(X)                                          \
  X(accepted, "connections accepted")                                       \
  X(accept_failed, "connections that could not be accepted: out of files?") \
  X(requests, "requests handed to a handler")                               \
  X(responses, "responses written to the end")                              \
  X(full, "connections closed at once: as many as allowed")                 \
  X(peer_full, "connections closed: as many of this peer as allowed")       \
  X(handshake_waits, "times that accepting waited for handshakes to end")   \
  X(handshake_failed, "TLS handshakes that failed")                         \
  X(handshake_late, "TLS handshakes that took too long")                    \
  X(forbidden_peer, "connections on a Unix socket from a user not allowed") \
  X(revoked, "connections closed: their certificate ended or was revoked")  \
  X(malformed, "requests that are not HTTP/1.1")                            \
  X(header_too_large, "requests with too large a header")                   \
  X(body_too_large, "requests with too large a body")                       \
  X(digest_mismatch, "requests whose Content-Digest is not of their body")  \
  X(idle_closed, "connections closed: no request for too long")             \
  X(request_late, "connections closed: a request took too long to arrive")  \
  X(answer_late, "requests that got 503: no answer in time")                \
  X(unanswered, "requests that got 500: the handler gave no answer")        \
  X(slow_reader, "connections closed: their answer was not taken in time")  \
  X(gone, "peers that went away before their answer")                       \
  X(no_route, "requests for a path or method that does not exist")          \
  X(reload_failed, "changed TLS files that could not be read")

struct ServerCounters {
#define JOINERY_MEMBER(name, help) uint64_t name = 0;
  JOINERY_SERVER_COUNTERS(JOINERY_MEMBER)
#undef JOINERY_MEMBER
};

// Answers by the route that gave them; those without a route (a broken request, a path that does
// not exist) have neither method nor pattern. How many there are of these is the program's doing
// alone: a route, and the statuses that its handler knows.
struct RouteAnswers {
  std::string method;
  std::string pattern;  // as it was given to Server::Route
  std::map<unsigned, uint64_t> by_status{};
};

struct ServerCounterInfo {
  std::string_view name;
  std::string_view help;
  uint64_t ServerCounters::*value;
};

inline constexpr auto kServerCounters = std::to_array<ServerCounterInfo>({
#define JOINERY_ROW(name, help) {#name, help, &ServerCounters::name},
    JOINERY_SERVER_COUNTERS(JOINERY_ROW)
#undef JOINERY_ROW
});

}  // namespace joinery::api
