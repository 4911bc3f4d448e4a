// Many sessions at once, in four phases with a barrier between them: open all and wait for their
// second subflow; fetch; hold (an echo on each, round after round); ask each backend who it is, and
// close. So all connections live together, which is what a backend's tables and a balancer's cache
// are to be tried with.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/traffic/mptcp_socket.h"
#include "tests/traffic/session.h"

namespace joinery::traffic {

inline constexpr uint32_t kMaxConnections = 10'000;
inline constexpr uint32_t kMaxWorkers = 256;

struct CampaignOptions {
  std::vector<Endpoint> remotes;  // connection i goes to remotes[i % size]
  uint32_t connections = 1;       // 1..kMaxConnections
  uint32_t workers = 8;           // 1..kMaxWorkers: how many open at a time
  uint32_t subflows = 2;          // wanted of each, the first one counted; 1 waits for none
  uint64_t fetch_bytes = 0;       // of each connection; 0 fetches nothing
  Transport transport = Transport::kMptcp;
  std::chrono::milliseconds hold{0};
  // Asked before each round of echoes, by all workers at once; false ends the hold early.
  std::function<bool()> hold_on = [] { return true; };
  std::chrono::milliseconds step_timeout{10'000};  // for each step of each connection
  std::chrono::milliseconds join_timeout{5'000};
};

// What became of one connection.
struct Report {
  uint32_t index = 0;
  Endpoint remote;
  Endpoint local;
  std::string backend;       // in the greeting
  std::string last_backend;  // in the INFO at the end
  JoinResult join = JoinResult::kTimedOut;
  bool mptcp = false;  // as this kernel says
  Token client_token;
  ServerInfo server;              // as the server's kernel says, at the end
  std::vector<Subflow> subflows;  // this side's; at the end, or at the opening
  uint32_t echoes = 0;
  std::string broken;  // why; empty when it lives and the same backend answered to the end
};

// Called for each connection when it is open and its joins are settled, and again when it is over.
// Never called by two threads at once.
using OnReport = std::function<void(std::string_view event, const Report&)>;

// Returns when all are over; the reports stand by index.
[[nodiscard]] std::vector<Report> RunCampaign(const CampaignOptions& options,
                                              const OnReport& on_report);

// One line, without the '\n'.
[[nodiscard]] std::string ToJson(std::string_view event, const Report& report);

}  // namespace joinery::traffic
