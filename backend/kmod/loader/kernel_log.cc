#include "backend/kmod/loader/kernel_log.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

namespace joinery::kmod {
namespace {

constexpr size_t kMaxRecordBytes = 8192;  // the kernel's CONSOLE_EXT_LOG_MAX
constexpr int kMaxRecords = 1000;         // between two calls that follow each other

}  // namespace

KernelLog::KernelLog() noexcept : fd_(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (fd_ >= 0) lseek(fd_, 0, SEEK_END);
}

KernelLog::~KernelLog() {
  if (fd_ >= 0) close(fd_);
}

std::string KernelLog::SaidBy(const std::string& name) {
  std::string said;
  std::array<char, kMaxRecordBytes> record{};
  for (int i = 0; fd_ >= 0 && i < kMaxRecords; ++i) {
    const ssize_t size = read(fd_, record.data(), record.size());
    if (size < 0 && errno == EPIPE) continue;  // overwritten meanwhile: on to the next record
    if (size <= 0) break;
    // "priority,sequence,time,flags;text\n", then lines of properties.
    std::string_view text(record.data(), static_cast<size_t>(size));
    text.remove_prefix(std::min(text.find(';') + 1, text.size()));
    text = text.substr(0, text.find('\n'));
    const std::string prefix = name + ": ";
    if (!text.starts_with(prefix)) continue;
    if (!said.empty()) said += "; ";
    said += text.substr(prefix.size());
  }
  return said;
}

}  // namespace joinery::kmod
