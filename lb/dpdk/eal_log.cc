#include "lb/dpdk/eal_log.h"

#include <sys/types.h>

namespace joinery::dpdk {

EalLog::EalLog() {
  cookie_io_functions_t io{};
  io.write = [](void* self, const char* data, size_t size) -> ssize_t {
    static_cast<EalLog*>(self)->Write({data, size});
    return static_cast<ssize_t>(size);
  };
  stream_ = fopencookie(this, "w", io);
  if (stream_ != nullptr) setvbuf(stream_, nullptr, _IOLBF, BUFSIZ);
}

EalLog::~EalLog() {
  if (stream_ != nullptr) std::fclose(stream_);
}

std::vector<std::string> EalLog::LastLines() const {
  if (stream_ != nullptr) std::fflush(stream_);
  const std::lock_guard lock(mutex_);
  return {lines_.begin(), lines_.end()};
}

void EalLog::StartPrinting() {
  const std::lock_guard lock(mutex_);
  printing_ = true;
}

void EalLog::Write(std::string_view text) {
  const std::lock_guard lock(mutex_);
  for (const char c : text) {
    if (c != '\n') {
      if (partial_.size() < kMaxLineLength) partial_.push_back(c);
      continue;
    }
    if (printing_) std::fprintf(stderr, "%s\n", partial_.c_str());
    if (lines_.size() == kMaxLines) lines_.pop_front();
    lines_.push_back(std::move(partial_));
    partial_.clear();
  }
}

}  // namespace joinery::dpdk
