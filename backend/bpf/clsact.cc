#include "backend/bpf/clsact.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <unistd.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

namespace joinery::bpf {
namespace {

constexpr uint32_t kHandle = 0x6a6f;  // "jo"
constexpr uint32_t kPriority = 100;
constexpr std::string_view kProgramPrefix = "joinery_";

bpf_tc_hook Hook(const NetworkDevice& device, bpf_tc_attach_point point) {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = device.index;
  hook.attach_point = point;
  return hook;
}

bpf_tc_opts Place() {
  bpf_tc_opts place{};
  place.sz = sizeof(place);
  place.handle = kHandle;
  place.priority = kPriority;
  return place;
}

Expected<std::string> ProgramName(uint32_t id) {
  const int fd = bpf_prog_get_fd_by_id(id);
  if (fd < 0) return Fail(fmt::format("program {}: {}", id, std::strerror(errno)));
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  const int error = bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? 0 : errno;
  close(fd);
  if (error != 0) return Fail(fmt::format("program {}: {}", id, std::strerror(error)));
  return std::string(info.name);
}

}  // namespace

Expected<uint32_t> FilterProgram(const NetworkDevice& device, bpf_tc_attach_point point) {
  bpf_tc_hook hook = Hook(device, point);
  bpf_tc_opts place = Place();
  const int error = bpf_tc_query(&hook, &place);
  // ENOENT: no filter, or nobody has made clsact; the kernel has EINVAL for the latter too.
  if (error == -ENOENT || error == -EINVAL) return 0U;
  if (error != 0)
    return Fail(fmt::format("filters cannot be asked for: {}", std::strerror(-error)));
  const auto name = ProgramName(place.prog_id);
  if (!name) return unexpected(name.error());
  if (name->starts_with(kProgramPrefix)) return place.prog_id;
  return Fail(
      fmt::format("a filter with handle {:#x} and priority {} is there and is not ours: "
                  "program {}; see tc filter show",
                  kHandle, kPriority, *name));
}

Expected<void> AttachFilter(const NetworkDevice& device, bpf_tc_attach_point point,
                            int program_fd) {
  bpf_tc_hook hook = Hook(device, point);
  const int made = bpf_tc_hook_create(&hook);
  if (made != 0 && made != -EEXIST) {
    return Fail(
        fmt::format("clsact cannot be made: {}; the kernel needs CONFIG_NET_SCH_INGRESS "
                    "and CONFIG_NET_CLS_ACT",
                    std::strerror(-made)));
  }
  if (const auto there = FilterProgram(device, point); !there) return unexpected(there.error());
  bpf_tc_opts place = Place();
  place.prog_fd = program_fd;
  place.flags = BPF_TC_F_REPLACE;
  const int error = bpf_tc_attach(&hook, &place);
  if (error != 0) return Fail(fmt::format("cannot be attached: {}", std::strerror(-error)));
  return {};
}

Expected<void> DetachFilter(const NetworkDevice& device, bpf_tc_attach_point point) {
  const auto there = FilterProgram(device, point);
  if (!there) return unexpected(there.error());
  if (*there == 0) return {};
  bpf_tc_hook hook = Hook(device, point);
  bpf_tc_opts place = Place();
  const int error = bpf_tc_detach(&hook, &place);
  if (error != 0) return Fail(fmt::format("cannot be detached: {}", std::strerror(-error)));
  return {};
}

}  // namespace joinery::bpf
