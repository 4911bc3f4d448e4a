// The one text form of a verdict, for joinery-pcap, logs and tests.
#pragma once

#include <string>

#include "lb/steer/snapshot.h"
#include "lb/steer/verdict.h"
#include "wire/packet_view.h"

namespace joinery::steer {

// "token gen 1 (serial 7) id 5 -> web/b2"
// "hash -> web/b1 [join_unroutable]"
// "drop join_rate: token gen 1 (serial 7) id 5 -> web/b2"
// "drop malformed: bad_ip_version"
// "local"
// Notes are in brackets. `snapshot` is the one that the verdict was made with.
[[nodiscard]] std::string ToString(const Verdict& verdict, const Snapshot& snapshot);

// The same with what `packet`, whose verdict it is, adds:
// "drop no_service: 198.18.1.1 serves tcp 80, 443, 8000-8099"
[[nodiscard]] std::string ToString(const Verdict& verdict, const Snapshot& snapshot,
                                   const wire::PacketView& packet);

}  // namespace joinery::steer
