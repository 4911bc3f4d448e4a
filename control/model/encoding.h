// Which generation a backend's agent is told to encode under (docs/protocol.md section 3).
#pragma once

#include "control/model/durable.h"

namespace joinery::control {

// The pool's active generation, for a backend that leased balancers decode (I5) and that is not to
// flush its keys. None: the reserved codepoint.
[[nodiscard]] Generation* EncodesUnder(Pool& pool, const Backend& backend) noexcept;
[[nodiscard]] const Generation* EncodesUnder(const Pool& pool, const Backend& backend) noexcept;

// None before the first activation.
[[nodiscard]] Generation* Active(Pool& pool) noexcept;
[[nodiscard]] Generation* Find(Pool& pool, Serial serial) noexcept;

}  // namespace joinery::control
