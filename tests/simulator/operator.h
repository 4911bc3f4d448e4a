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
  void Configure();
  void Command();
  void Turn(bool emergency);
  void Do(const control::Event& event);
  void GiveUp(const std::string& backend);
  void GiveUp(Serial serial);
  [[nodiscard]] std::string AnyBackend();

  World& world_;
  std::vector<std::string> names_;
};

}  // namespace joinery::simulator
