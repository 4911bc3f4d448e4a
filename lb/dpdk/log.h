// What the program says while it runs, from the control thread: lines for people, as
// "joinery-lb: ready: ..." on standard output and trouble on standard error, or one JSON object a
// line, all on standard output. Never from a forwarding core.
#pragma once

#include <memory>
#include <string>

#include "settings/config.h"

namespace spdlog {
class logger;
}

namespace joinery::dpdk {

class Log {
 public:
  explicit Log(settings::Log form);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Say(const std::string& text);
  void Trouble(const std::string& text);

 private:
  settings::Log form_;
  std::shared_ptr<spdlog::logger> out_;
  std::shared_ptr<spdlog::logger> trouble_;
};

}  // namespace joinery::dpdk
