// The operator of the simulated world: changes the configuration, gives commands in any order, and
// knows what they give up: connections that a command ends are not owed to anybody.
#pragma once

#include <string>
#include <vector>

#include "control/model/event.h"
#include "tests/simulator/world.h"

namespace joinery::simulator {

class Operator {
 public:
  explicit Operator(World& world) : world_(world) {}

  // The first configuration, and a machine for every backend that it may ever name.
  void Install();
  void EachSecond();

 private:
  [[nodiscard]] Command AnyCommand();
  void Act(Command command);
  void Configure();
  void Turn(bool emergency);
  void Fail(const control::BackendRef& who);
  void Remove(const control::BackendRef& who);
  void Retire();
  void TakeOver();
  void Do(const control::Event& event);
  [[nodiscard]] bool Listens() const;
  [[nodiscard]] bool Serves(const std::string& backend) const;
  [[nodiscard]] std::string AnyBackend();

  World& world_;
  std::vector<std::string> names_;
};

}  // namespace joinery::simulator
