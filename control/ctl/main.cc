// joinctl: see `joinctl --help`.
#include <iostream>
#include <string>
#include <vector>

#include "control/ctl/commands.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(joinery::ctl::RunCommandLine(arguments, std::cout, std::cerr));
}
