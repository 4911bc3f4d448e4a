// One SHA-256 over all that a balancer steers by: equal on every balancer that forwards alike, so
// that control can show which ones do not. It covers what the tables and decoders do, not how they
// came to be; it does not depend on this machine, on indexes or on an earlier snapshot.
//
// Keys are in it by what they do: fixed tokens are decoded and a fixed message is hashed, and the
// results go into the digest. So equal digests mean equal keys, and a digest says nothing of them.
#pragma once

#include <array>
#include <cstdint>

#include "lb/steer/snapshot.h"
#include "settings/config.h"

namespace joinery::steer {

// `config` is what `snapshot` was built from. Takes some tenths of a millisecond for each pool.
[[nodiscard]] std::array<uint8_t, 32> TableDigest(const settings::Config& config,
                                                  const Snapshot& snapshot);

}  // namespace joinery::steer
