// The tc programs of one test process, loaded once into a world of their own (world.h).
#pragma once

#include <string>

#include "backend/bpf/cookie_programs.h"
#include "tests/bpf/world.h"

namespace joinery::bpf::testing {

// Ends the program with a reason when they cannot be loaded.
[[nodiscard]] CookiePrograms& Programs();

// Fails the test when they are refused.
void Apply(const CookieSettings& settings);

// A frame after one run, whose verdict has to be "on to the next filter".
[[nodiscard]] Bytes Through(CookieProgram program, const Bytes& frame);

// By which counter one run over the frame was counted: "" for none.
[[nodiscard]] std::string CountedBy(CookieProgram program, const Bytes& frame);

}  // namespace joinery::bpf::testing
