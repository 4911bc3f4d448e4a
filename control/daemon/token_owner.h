// Whose a token is, by the generations that a pool has: for `joinctl token decode` and for checks.
#pragma once

#include "base/expected.h"
#include "base/ids.h"
#include "control/health/transport.h"
#include "control/model/durable.h"
#include "tokenmap/token_decoder.h"

namespace joinery::control {

// Under all live generations of the pool.
[[nodiscard]] Expected<tokenmap::TokenDecoder> DecoderOf(const Pool& pool);

// Of a token that follows from the key with which `backend` answered. Only pools of derived tokens
// have anything to read there.
[[nodiscard]] health::TokenOwner OwnerOf(const Durable& durable, const BackendRef& backend,
                                         Token token);

}  // namespace joinery::control
