// The world around a Core in tests: a disk, an encoder, counters and control, played by commands of
// a transcript. Each command returns what the core did, a line for each action.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/agent/core/core.h"

namespace joinery::agent {

class World {
 public:
  World();

  // One command:
  //   view 1.2 [active=CODEPOINT:SERIAL:KEY] [draining=C:S,C:S] [drain] [digest=N]   KEY: a letter
  //   answer may | answer may-not [incarnation=N]     control answers the last report
  //   tick
  //   encoder present N | encoder gone | encoder holds C:S | encoder refuses | encoder accepts
  //   uses [SERIAL=TOKENS]... [connections=N] [oldest=N] | uses fail
  //   leased [SERIAL=N]...
  //   disk full | disk ok
  //   crash before set    the program ends before the encoder is told; then restart
  //   restart          the agent's program; the kernel and the disk stay
  //   reboot N         the machine: the module comes back as incarnation N, without a scheme
  std::string Run(const std::string& command);

 private:
  using Words = std::vector<std::string>;

  void Feed(const Event& event);
  void Carry(const Action& action);
  void OnView(const Words& words);
  void OnEncoder(const Words& words);
  void OnUses(const Words& words);
  void OnLeased(const Words& words);
  void OnAnswer(const Words& words);
  void Restart();

  std::unique_ptr<Core> core_;
  std::optional<Record> disk_;
  bool disk_full_ = false;
  bool encoder_refuses_ = false;
  bool crash_before_set_ = false;
  EncoderState encoder_;
  uint64_t loadable_ = 0;  // incarnation that loading gives; 0: it cannot be loaded
  UsesCounted uses_;
  std::optional<api::AgentReport> last_report_;
  std::string said_;
};

}  // namespace joinery::agent
