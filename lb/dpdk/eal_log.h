// DPDK's log, kept instead of printed: at start only a failure is worth its lines; afterwards they
// go to standard error.
#pragma once

#include <cstdio>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace joinery::dpdk {

// Thread-safe. Must outlive DPDK's use of it: one lives as long as the environment (lb/dpdk/eal.h).
class EalLog {
 public:
  static constexpr size_t kMaxLines = 20;        // the last ones
  static constexpr size_t kMaxLineLength = 512;  // the rest of a longer line is cut

  EalLog();
  ~EalLog();
  EalLog(const EalLog&) = delete;
  EalLog& operator=(const EalLog&) = delete;

  [[nodiscard]] FILE* stream() const noexcept { return stream_; }
  [[nodiscard]] std::vector<std::string> LastLines() const;
  // From now on, lines are printed as they come.
  void StartPrinting();

 private:
  void Write(std::string_view text);

  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
  std::string partial_;
  bool printing_ = false;
  FILE* stream_ = nullptr;
};

}  // namespace joinery::dpdk
