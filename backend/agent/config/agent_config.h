// The agent's own configuration: configs/agent.example.yaml is a complete one, ../README.md has the
// table of its keys. The pool's numbers and keys are not in it: they come from control.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backend/agent/checks/evaluate.h"
#include "backend/agent/leases/lease_book.h"
#include "base/endpoint.h"
#include "settings/config.h"

namespace joinery::agent {

// What makes the server keys of kernel sockets.
enum class Encoder : uint8_t {
  kKernel,  // the module joinery_token
  kNone,    // there are none: stacks in user space lease theirs
};

// Exactly one of `unix` and `address`.
struct ControlAddress {
  std::string unix;     // path of its socket
  std::string address;  // "control.example:7443", over mutual TLS with the files below
  std::string ca;
  std::string certificate;
  std::string key;
};

struct StackSettings {
  std::string socket;              // empty: nothing is leased
  std::vector<std::string> users;  // names or numbers
  uint32_t quota = LeaseLimits{}.quota;
};

struct CheckSettings {
  uint32_t every_s = 30;
  uint32_t min_mtu = Wanted{}.min_mtu;
  std::string fastopen_key_file;
  std::set<Check> fix;     // put right without being asked
  std::set<Check> ignore;  // not looked at
};

struct AgentConfig {
  std::string pool;     // as control has it; empty: whatever control says
  std::string backend;  // the same
  std::string state_dir = "/var/lib/joinery/agent";
  std::string status_socket = "/run/joinery/agent.sock";
  settings::Log log = settings::Log::kText;
  // Where Prometheus and probes ask, over HTTP; none: nowhere.
  std::optional<Endpoint> metrics = Endpoint{settings::LoopbackV4(), Port(9472)};
  uint32_t report_s = 3;
  Encoder encoder = Encoder::kKernel;
  std::string module;  // path; empty: where the running kernel's modules are
  ControlAddress control;
  StackSettings stacks;
  CheckSettings checks;
};

}  // namespace joinery::agent
