// The stack's side of a lease (tokenmap/lease_protocol.h): blocks ahead, one token or key at a time
// out of them. tokenmap/tokenmap.h is its C interface and says what callers may rely on.
// Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/expected.h"
#include "base/ids.h"
#include "tokenmap/lease_protocol.h"

namespace joinery::tokenmap {

// Why a call failed.
struct LeaseError {
  enum class Kind : uint8_t {
    kInvalid,  // the caller's mistake
    kNoAgent,  // nobody there, or no answer in time
    kRefused,  // by the agent, for `reason`
  };
  Kind kind = Kind::kNoAgent;
  RefusalReason reason = RefusalReason::kProtocol;
  std::string text;
};

class LeaseClient {
 public:
  static constexpr uint16_t kTokensAhead = 64;
  static constexpr uint16_t kKeysAhead = 16;
  static constexpr size_t kReleasesTogether = 64;
  // Without a connection: how often it is tried again, how long a try may take while the caller
  // does not need it, and after what time the lease is given up, before the agent ends it (120 s).
  static constexpr std::chrono::milliseconds kTryAgain{100};
  static constexpr std::chrono::milliseconds kTryFor{50};
  static constexpr std::chrono::seconds kGiveUp{110};

  template <typename T>
  using Result = Expected<T, LeaseError>;

  [[nodiscard]] static Result<std::unique_ptr<LeaseClient>> Open(const std::string& path,
                                                                 LeaseKind kind,
                                                                 std::chrono::milliseconds timeout);
  LeaseClient(const LeaseClient&) = delete;
  LeaseClient& operator=(const LeaseClient&) = delete;
  ~LeaseClient();  // gives everything back, if the agent is there

  [[nodiscard]] LeaseKind kind() const noexcept { return kind_; }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] size_t in_use() const noexcept { return in_use_.size() + orphans_.size(); }

  [[nodiscard]] Result<Leased> Next();
  [[nodiscard]] Result<void> Release(Token token);
  [[nodiscard]] Result<void> Poll();

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  LeaseClient(std::string path, LeaseKind kind, std::chrono::milliseconds timeout)
      : path_(std::move(path)), kind_(kind), timeout_(timeout) {}

  [[nodiscard]] Result<void> Connect(Deadline deadline);
  // Not more often than kTryAgain, and not longer than kTryFor.
  [[nodiscard]] Result<void> TryToConnect();
  [[nodiscard]] Result<void> BeginLease(uint64_t lease, Deadline deadline);
  [[nodiscard]] Result<void> SayWhatIsHeld(Deadline deadline);
  [[nodiscard]] Result<void> Refill(Deadline deadline);
  [[nodiscard]] Result<void> ReturnReleased(Deadline deadline);
  [[nodiscard]] Result<void> Send(const LeaseMessage& message, Deadline deadline);
  // The next message that is not kStale, which is acted upon.
  [[nodiscard]] Result<LeaseMessage> Receive(Deadline deadline);
  // One message that is there already; nullopt: none.
  [[nodiscard]] Result<std::optional<LeaseMessage>> TakeMessage();
  // Reads what there is, waiting for it until the deadline. False: nothing came.
  [[nodiscard]] Result<bool> Read(Deadline deadline);
  void OnStale(const Stale& stale);
  void EndLease();
  void DropConnection() noexcept;
  void DropReady() noexcept;
  tl::unexpected<LeaseError> NoAgent(std::string text);

  std::string path_;
  LeaseKind kind_;
  std::chrono::milliseconds timeout_;
  int fd_ = -1;
  bool connected_ = false;  // and welcome
  Deadline lost_{};         // when the connection was
  Deadline next_try_{};
  uint64_t lease_ = 0;
  FrameReader reader_;
  Serial ready_serial_;
  std::deque<Leased> ready_;  // leased, not yet used
  std::unordered_set<Token> in_use_;
  std::unordered_set<Token> orphans_;  // in use, of a lease that has ended
  std::vector<Token> released_;        // not yet said to the agent
};

}  // namespace joinery::tokenmap
