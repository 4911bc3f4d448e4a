// What the kernel says about the module: the reason behind an errno. Linux
// Documentation/ABI/testing/dev-kmsg.
#pragma once

#include <string>

namespace joinery::kmod {

// Reads what is logged after its construction. Without access to the log it finds nothing.
class KernelLog {
 public:
  KernelLog() noexcept;
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;
  ~KernelLog();

  // The text of the lines that begin with "NAME: ", without it, joined by "; ".
  [[nodiscard]] std::string SaidBy(const std::string& name);

 private:
  int fd_;
};

}  // namespace joinery::kmod
