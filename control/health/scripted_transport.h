// A transport for tests: each target answers as it was told last. May be told from any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "control/health/transport.h"

namespace joinery::health {

// What tests and transport share; outlives both sides' use.
class Script {
 public:
  // From now on the target answers so; without a word of it, it is well.
  void Answer(const std::string& target, Outcome outcome);
  // From now on the transport refuses to adopt targets, with this message; empty: it does not.
  void Refuse(std::string why);

  // The names of the targets that were adopted last.
  [[nodiscard]] std::vector<std::string> Targets() const;
  // How many checks of it have been made.
  [[nodiscard]] size_t Checks(const std::string& target) const;

  [[nodiscard]] static std::unique_ptr<Transport> Play(std::shared_ptr<Script> script);

 private:
  friend class ScriptedTransport;

  mutable std::mutex mutex_;
  std::map<std::string, Outcome> answers_;
  std::map<std::string, size_t> checks_;
  std::vector<std::string> targets_;
  std::string refusal_;
};

}  // namespace joinery::health
