#include "backend/kmod/loader/kernel_log.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace joinery::kmod {
namespace {

constexpr size_t kMaxRecordBytes = 8192;  // the kernel's CONSOLE_EXT_LOG_MAX
constexpr int kMaxRecords = 1000;         // between two calls that follow each other

}  // namespace

std::string_view SaidIn(std::string_view record, std::string_view name) noexcept {
  const size_t head = record.find(';');
  if (head == std::string_view::npos) return {};
  record = record.substr(head + 1);
  record = record.substr(0, record.find('\n'));
  if (!record.starts_with(name) || !record.substr(name.size()).starts_with(": ")) return {};
  return record.substr(name.size() + 2);
}

KernelLog::KernelLog() noexcept : fd_(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (fd_ >= 0) lseek(fd_, 0, SEEK_END);
}

KernelLog::~KernelLog() {
  if (fd_ >= 0) close(fd_);
}

std::string KernelLog::SaidBy(std::string_view name) {
  std::string all;
  std::array<char, kMaxRecordBytes> record{};
  for (int i = 0; fd_ >= 0 && i < kMaxRecords; ++i) {
    const ssize_t size = read(fd_, record.data(), record.size());
    if (size < 0 && errno == EPIPE) continue;  // overwritten meanwhile: on to the next record
    if (size <= 0) break;
    const std::string_view said = SaidIn({record.data(), static_cast<size_t>(size)}, name);
    if (!all.empty() && !said.empty()) all += "; ";
    all += said;
  }
  return all;
}

}  // namespace joinery::kmod
