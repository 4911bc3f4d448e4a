// Attaches to TUN devices of Linux.
#pragma once

#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/expected.h"

namespace joinery {

// The packets of the device `name` in the network namespace that the thread is in: each read(2)
// gives one that the host sends, each write(2) one for it, from the IP header on. Does not block.
// The device is made when it does not exist and the caller may. `remedy` ends the error of a device
// that cannot be had.
[[nodiscard]] Expected<Descriptor> AttachTun(const std::string& name, std::string_view remedy);

}  // namespace joinery
