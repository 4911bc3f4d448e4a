// What the kernel says about the module: the reason behind an errno. Linux
// Documentation/ABI/testing/dev-kmsg.
#pragma once

#include <string>
#include <string_view>

namespace joinery::kmod {

// The text of a record of /dev/kmsg, "priority,sequence,time,flags;text" and lines of properties,
// when it begins with "NAME: ", without that; else empty.
[[nodiscard]] std::string_view SaidIn(std::string_view record, std::string_view name) noexcept;

// Reads what is logged after its construction. Without access to the log it finds nothing.
class KernelLog {
 public:
  KernelLog() noexcept;
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;
  ~KernelLog();

  // What SaidIn finds in the records, joined by "; ".
  [[nodiscard]] std::string SaidBy(std::string_view name);

 private:
  int fd_;
};

}  // namespace joinery::kmod
