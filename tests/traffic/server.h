// The backend of tests and demos: accepts MPTCP and TCP on every address and answers the line
// protocol. One thread, epoll, bounded in connections.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/expected.h"
#include "tests/traffic/line_protocol.h"
#include "tests/traffic/mptcp_socket.h"

namespace joinery::traffic {

inline constexpr size_t kMaxServerConnections = 20'000;

struct ServerCounters {
  uint64_t accepted = 0;
  uint64_t refused_full = 0;     // kMaxServerConnections were open
  uint64_t protocol_errors = 0;  // a line that ParseRequest refused, or one too long
  uint64_t bytes_sent = 0;       // of SEND
};

class Server {
 public:
  struct Options {
    std::string name;             // IsName
    std::vector<uint16_t> ports;  // 0: the kernel chooses
    Transport transport = Transport::kMptcp;
  };

  // Listens; a constructed Server accepts.
  [[nodiscard]] static Expected<Server> Create(const Options& options);

  // The ports, as the kernel has them.
  [[nodiscard]] const std::vector<uint16_t>& ports() const noexcept { return ports_; }
  [[nodiscard]] const ServerCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] size_t connections() const noexcept { return connections_.size(); }

  // Serves whatever is ready, and waits for it at most `wait_ms`.
  void Poll(int wait_ms);

 private:
  struct Connection {
    Descriptor fd;
    std::string input;          // an incomplete line
    std::string output;         // lines that the socket has not taken yet
    uint64_t pattern_sent = 0;  // of the SEND under way
    uint64_t pattern_total = 0;
    bool hang_up = false;  // after the output
  };

  Server() = default;
  void Accept(int listener);
  // False when the connection is over.
  [[nodiscard]] bool Serve(Connection& connection, uint32_t events);
  [[nodiscard]] bool Read(Connection& connection);
  [[nodiscard]] bool Write(Connection& connection);
  void AnswerLines(Connection& connection);
  void Answer(Connection& connection, std::string_view line);
  void Watch(const Connection& connection);

  std::string name_;
  Descriptor epoll_;
  std::vector<Descriptor> listeners_;
  std::vector<uint16_t> ports_;
  std::map<int, Connection> connections_;  // by file descriptor
  ServerCounters counters_;
};

}  // namespace joinery::traffic
