// Plays transcripts against the model: commands, and under each the whole of what the step asked
// for. The format is that of etcd-io/raft's testdata:
//
//   # why
//   command argument key=value
//   ----
//   output
//
// README.md in testdata/ lists the commands.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "control/model/model.h"

namespace joinery::control {

class Words;

class Transcript {
 public:
  // The same transcript with the output that the commands have now.
  [[nodiscard]] std::string Play(std::string_view text);

  // What broke an invariant, in the order of steps.
  [[nodiscard]] const std::vector<std::string>& broken() const noexcept { return broken_; }

 private:
  std::string Run(const std::string& line);
  void Do(const Event& event);
  void Print(const Actions& actions);
  bool Report(const Words& words);
  bool Command(const Words& words);
  bool World(const Words& words);
  void Everyone();
  void ShowModel();
  void ShowLoad();
  void ConfirmBalancer(const std::string& name);
  void ConfirmAgent(const BackendRef& who);
  [[nodiscard]] Desired ReadConfig(const Words& words) const;

  struct Sender {
    uint64_t session = 1;
    uint64_t number = 0;
  };

  Model model_;
  std::map<std::string, Durable> saved_;
  std::map<std::string, Sender> senders_;
  Instant now_ = Instant(std::chrono::seconds(1000));
  SeededRandom random_{1};
  std::string out_;
  bool quiet_ = false;
  std::vector<std::string> broken_;
};

}  // namespace joinery::control
