// The Unix socket where user-space stacks lease tokens and keys. Who a peer is says the kernel
// (SO_PEERCRED of unix(7)). Nothing here waits: a peer that does not read what it asked for is
// dropped, and so is one that says nothing or what is not understood.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/net/loop.h"
#include "backend/agent/leases/lease_book.h"
#include "base/clock.h"
#include "base/expected.h"
#include "tokenmap/lease_protocol.h"

namespace joinery::agent {

struct LeaseServerOptions {
  std::string path;            // of the socket; made anew, mode 0666: the list below decides
  std::vector<uint32_t> uids;  // who may lease
};

struct LeaseServerCounters {
  uint64_t accepted = 0;
  uint64_t not_allowed = 0;
  uint64_t too_many = 0;   // connections beyond kMaxConnections
  uint64_t malformed = 0;  // closed for a frame that is not understood
  uint64_t slow = 0;       // closed since they do not read
  uint64_t silent = 0;     // closed since they did not say hello in time
};

class LeaseServer {
 public:
  static constexpr size_t kMaxConnections = 256;
  static constexpr Nanoseconds kHelloTime = std::chrono::seconds(5);

  // Keeps the leases durably; what was not kept is not given out.
  using Keep = std::function<Expected<void>(const std::vector<KeptLease>&)>;

  // All but the options outlive the server.
  [[nodiscard]] static Expected<std::unique_ptr<LeaseServer>> Listen(api::Loop& loop,
                                                                     LeaseServerOptions options,
                                                                     LeaseBook& book,
                                                                     const Clock& clock, Keep keep);
  LeaseServer(const LeaseServer&) = delete;
  LeaseServer& operator=(const LeaseServer&) = delete;
  ~LeaseServer();  // closes all connections and removes the socket

  // Says to every peer what is stale now.
  void GenerationChanged();
  // Once a second: silent peers, leases that have ended, releases that are to be kept.
  void Tick();

  [[nodiscard]] size_t connections() const noexcept { return connections_.size(); }
  [[nodiscard]] const LeaseServerCounters& counters() const noexcept { return counters_; }

 private:
  struct Connection;

  LeaseServer(api::Loop& loop, LeaseServerOptions options, LeaseBook& book, const Clock& clock,
              Keep keep);
  [[nodiscard]] Expected<void> Open();
  void Accept();
  void OnReadable(int fd);
  void Close(int fd);
  // False: the connection is closed.
  bool Handle(Connection& connection, const tokenmap::LeaseMessage& message);
  bool OnHello(Connection& connection, const tokenmap::Hello& hello);
  bool OnHolds(Connection& connection, LeaseId lease, const tokenmap::Holds& holds);
  bool OnWant(Connection& connection, LeaseId lease, const tokenmap::Want& want);
  bool Send(Connection& connection, const tokenmap::LeaseMessage& message);
  bool Malformed(Connection& connection, const std::string& why);
  // Sends why, and closes.
  bool Dismiss(Connection& connection, const tokenmap::Refused& refused);

  api::Loop* loop_;
  LeaseServerOptions options_;
  LeaseBook* book_;
  const Clock* clock_;
  Keep keep_;
  int listener_ = -1;
  api::Loop::Handle accepting_;
  std::map<int, std::unique_ptr<Connection>> connections_;  // by descriptor
  bool changed_ = false;  // tokens were given back since the leases were kept last
  LeaseServerCounters counters_;
};

}  // namespace joinery::agent
