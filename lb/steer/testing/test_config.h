// A small configuration in memory, its snapshot, and packets whose tokens and keys name its
// backends. For the tests of this room and of those that carry its verdicts out.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/ids.h"
#include "lb/steer/snapshot.h"
#include "settings/config.h"
#include "tokenmap/cookie_twin.h"

namespace joinery::steer::testing {

// One port on 198.18.0.1/24 and 2001:db8::1/64 with the gateways .254 and ::fe, MTU 1500.
// Pool "web" (ID 1, ff1, handshake derived): 198.18.1.1 and 2001:db8:1::1, TCP 80, 443 and 8000 to
// 8099, UDP 443; backends b1 (ID 5, 198.18.0.11), b2 (ID 9, .12) and b3 (ID 12, .13), all l2, up,
// weight 1; generations 0 (serial 6, draining) and 1 (serial 7, active). Pool "api" (ID 2, plain,
// handshake explicit): 198.18.1.2 TCP 80, 198.18.1.3 every port of TCP and UDP; backends a1 (ID 1,
// .21) and a2 (ID 2, .22); generation 0 (serial 1, active).
[[nodiscard]] settings::Config TestConfig();

// The pool or backend of that name; aborts when there is none.
[[nodiscard]] settings::Pool& PoolOf(settings::Config& config, std::string_view pool);
[[nodiscard]] settings::Backend& BackendOf(settings::Config& config, std::string_view backend);

// Gives pool "web" cookies that are trusted: epochs 6 (draining) and 7 (active).
void AddCookie(settings::Config& config);
// What a client of this flow echoes of the backend's cookie under the epoch with this serial: a
// TSecr. Aborts when its pool has no such epoch.
[[nodiscard]] uint32_t EchoOf(const settings::Config& config, std::string_view backend,
                              uint64_t serial, const tokenmap::TwinFlow& flow,
                              uint32_t tsval = 0x12345678);

// Aborts, with the error, when Build refuses.
[[nodiscard]] std::unique_ptr<const Snapshot> BuildOrDie(const settings::Config& config,
                                                         uint64_t version = 1,
                                                         const Snapshot* previous = nullptr);

// The token that the backend issues under the generation with this codepoint.
[[nodiscard]] Token TokenOf(const settings::Config& config, std::string_view backend,
                            uint8_t codepoint, uint32_t nonce = 77);
// A key whose derived token (MPTCP v1 or v0) names the backend: what its kernel samples.
[[nodiscard]] uint64_t KeyOf(const settings::Config& config, std::string_view backend,
                             uint8_t codepoint, uint8_t mptcp_version = 1);

}  // namespace joinery::steer::testing
