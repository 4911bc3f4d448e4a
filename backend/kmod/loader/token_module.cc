#include "backend/kmod/loader/token_module.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <sys/syscall.h>

#include "backend/kmod/loader/kernel_log.h"
#include "base/descriptor.h"

namespace joinery::kmod {
namespace {

constexpr size_t kMaxStatusBytes = 64 << 10;

// The kernel's own words, else what its errno means.
std::string Why(int error, KernelLog& log) {
  const std::string said = log.SaidBy(kModuleName);
  return said.empty() ? ModuleErrorText(error) : said;
}

Expected<void> CheckDevice(const Descriptor& device) {
  if (device.valid()) return {};
  return Fail(fmt::format("{}: {}", kDevicePath,
                          errno == ENOENT ? "the module is not loaded" : std::strerror(errno)));
}

}  // namespace

std::string ModuleErrorText(int error) {
  switch (error) {
    case EEXIST:
      return "it is loaded already";
    case ENOENT:
      return "it is not loaded";
    case ENOEXEC:
      return "it was built for another kernel; build it again for the one that runs";
    case EKEYREJECTED:
    case ENOKEY:
      return "this kernel takes signed modules only (secure boot)";
    case EPERM:
      return "it needs root, and a kernel that takes modules (kernel.modules_disabled=0)";
    case ENOSYS:
      return "this kernel has no modules";
    default:
      return std::strerror(error);
  }
}

Expected<void> Load(const std::string& path, const RequestLayout& layout, bool selftest) {
  const Descriptor module(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!module.valid()) return Fail(fmt::format("{}: {}", path, std::strerror(errno)));
  const std::string parameters =
      layout.ToModuleParameters() + (selftest ? " selftest=1" : " selftest=0");
  KernelLog log;
  if (syscall(SYS_finit_module, module.get(), parameters.c_str(), 0) != 0) {
    return Fail(fmt::format("{} is not loaded: {}", path, Why(errno, log)));
  }
  return {};
}

Expected<void> Unload() {
  KernelLog log;
  if (syscall(SYS_delete_module, kModuleName, O_NONBLOCK) != 0) {
    return Fail(fmt::format("{} is not unloaded: {}", kModuleName, Why(errno, log)));
  }
  return {};
}

Expected<void> WriteScheme(const joinery_token_scheme& scheme) {
  const Descriptor device(open(kDevicePath, O_WRONLY | O_CLOEXEC));
  if (auto checked = CheckDevice(device); !checked) return checked;
  KernelLog log;
  if (write(device.get(), &scheme, sizeof(scheme)) != static_cast<ssize_t>(sizeof(scheme))) {
    return Fail(fmt::format("the module refuses the scheme: {}", Why(errno, log)));
  }
  return {};
}

Expected<std::string> ReadStatus() {
  const Descriptor device(open(kDevicePath, O_RDONLY | O_CLOEXEC));
  if (auto checked = CheckDevice(device); !checked) return Fail(checked.error().message);
  std::string text(kMaxStatusBytes, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(device.get(), text.data() + size, text.size() - size);
    if (got < 0) return Fail(fmt::format("{}: {}", kDevicePath, std::strerror(errno)));
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace joinery::kmod
