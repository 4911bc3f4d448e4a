// Filters of clsact, by libbpf: one place of each direction of a device is ours, told by its handle
// and priority and by the name of the program in it. Errors are for CookiePrograms to complete.
#pragma once

#include <cstdint>

#include <bpf/libbpf.h>

#include "backend/bpf/host.h"
#include "base/expected.h"

namespace joinery::bpf {

// Puts the program there, in place of an older one of ours; makes clsact where it is missing.
// Refuses a place in which somebody else's filter is.
[[nodiscard]] Expected<void> AttachFilter(const NetworkDevice& device, bpf_tc_attach_point point,
                                          int program_fd);

// Takes ours off. clsact stays: others may use it.
[[nodiscard]] Expected<void> DetachFilter(const NetworkDevice& device, bpf_tc_attach_point point);

// The kernel's number of our program there, 0 when there is none. Refuses as AttachFilter does.
[[nodiscard]] Expected<uint32_t> FilterProgram(const NetworkDevice& device,
                                               bpf_tc_attach_point point);

}  // namespace joinery::bpf
