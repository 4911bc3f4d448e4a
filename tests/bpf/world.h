// A world of its own for tests of the tc programs: a network namespace with nothing but lo, and a
// bpffs that nobody else sees. Needs root, and says so; everything goes with the process.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace joinery::bpf::testing {

using Bytes = std::vector<uint8_t>;

// Once in a process, before threads are started. Returns the directory for pinned maps. Ends the
// program with a reason when BPF is not to be had here: such a test has not passed.
std::string EnterWorld();

struct Ran {
  int action;            // of tc; -1 (TC_ACT_UNSPEC): on to the next filter
  Bytes frame;           // afterwards
  uint32_t nanoseconds;  // of one run, the mean of all
};

// One run (or `repeat`) of a program over a frame, in this network namespace. Each run begins with
// what the one before left. Ends the program when the kernel refuses.
Ran RunProgram(int program_fd, std::span<const uint8_t> frame, uint32_t repeat = 1);

// The file descriptor of a tc program that does nothing: what a test run costs by itself.
int EmptyProgram(const char* name);

}  // namespace joinery::bpf::testing
