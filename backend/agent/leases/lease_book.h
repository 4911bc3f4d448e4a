// Who holds which tokens and keys: the leases of user-space stacks (tokenmap/lease_protocol.h says
// what stack and agent tell each other). Pure: time and randomness come in, connections are the
// caller's. What was given out counts as in use until it is given back, or until its lease has been
// without a connection for kLinger.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "backend/agent/core/core.h"
#include "backend/agent/leases/issuer.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"
#include "tokenmap/lease_protocol.h"

namespace joinery::agent {

using LeaseId = uint64_t;

struct LeaseLimits {
  uint32_t quota = 16384;        // tokens and keys that one user may hold
  uint32_t max_leases = 256;     // in all
  uint16_t max_keys_block = 64;  // of keys at once: sampling takes the agent's time
};

// A lease as it is kept over a restart of the agent.
struct KeptLease {
  LeaseId id = 0;
  uint32_t uid = 0;
  tokenmap::LeaseKind kind = tokenmap::LeaseKind::kTokens;
  std::map<Serial, std::vector<Token>> held;  // tokens ascending

  friend bool operator==(const KeptLease&, const KeptLease&) = default;
};

struct LeaseCounters {
  uint64_t opened = 0;
  uint64_t resumed = 0;
  uint64_t ended = 0;     // without a connection for kLinger
  uint64_t given = 0;     // tokens and keys
  uint64_t returned = 0;  // by their holders
  uint64_t refused = 0;
  uint64_t crowded = 0;  // requests answered with less than half of the nonces free
};

class LeaseBook {
 public:
  static constexpr Nanoseconds kLinger = std::chrono::seconds(120);

  // `clock` and `random` (fit for keys) outlive it. Kept leases have no connection at first.
  LeaseBook(LeaseLimits limits, const Clock& clock, Random& random,
            const std::vector<KeptLease>& kept);

  // What is leased from now on; none: nothing. An error: this layout cannot be leased.
  [[nodiscard]] Expected<void> Use(const std::optional<EncodeUnder>& under);
  void SetDraining(bool draining) noexcept { draining_ = draining; }
  // Of the generation that is leased now; 0: none.
  [[nodiscard]] Serial serial() const noexcept;

  // A connection begins a lease, or takes one up again that has none.
  [[nodiscard]] Expected<tokenmap::Welcome, tokenmap::Refused> Open(uint32_t uid,
                                                                    const tokenmap::Hello& hello);
  // What a resumed lease still holds; the rest is released. Refused when it never held one of them.
  [[nodiscard]] Expected<void, tokenmap::Refused> Keep(LeaseId id, std::vector<Token> tokens);
  [[nodiscard]] Expected<tokenmap::Block, tokenmap::Refused> Take(LeaseId id, uint16_t count);
  // Refused when it does not hold one of them.
  [[nodiscard]] Expected<void, tokenmap::Refused> Give(LeaseId id,
                                                       const std::vector<Token>& tokens);
  void Disconnected(LeaseId id);
  // Ends what has been without a connection for kLinger; true: something ended.
  [[nodiscard]] bool Expire();

  // Held under each serial.
  [[nodiscard]] std::map<Serial, uint32_t> InUse() const;
  [[nodiscard]] std::vector<KeptLease> Kept() const;
  [[nodiscard]] size_t leases() const noexcept { return leases_.size(); }
  [[nodiscard]] const LeaseCounters& counters() const noexcept { return counters_; }

 private:
  struct Lease {
    uint32_t uid = 0;
    tokenmap::LeaseKind kind = tokenmap::LeaseKind::kTokens;
    std::unordered_map<Token, Serial> held;
    std::optional<Instant> without_connection_since;
  };

  [[nodiscard]] Expected<tokenmap::Welcome, tokenmap::Refused> Resume(uint32_t uid,
                                                                      const tokenmap::Hello& hello);
  [[nodiscard]] uint32_t HeldBy(uint32_t uid) const;
  [[nodiscard]] std::vector<Token> HeldUnder(Serial serial) const;
  void Forget(const Lease& lease, Token token, Serial serial);
  [[nodiscard]] tl::unexpected<tokenmap::Refused> Refuse(tokenmap::RefusalReason reason,
                                                         std::string text, uint16_t retry_ms = 0);

  LeaseLimits limits_;
  const Clock* clock_;
  Random* random_;
  // Generations that stacks may hold nonces of; the one in use and few before it.
  std::map<Serial, Issuer> issuers_;
  std::optional<Serial> active_;
  bool draining_ = false;
  std::map<LeaseId, Lease> leases_;
  LeaseCounters counters_;
};

}  // namespace joinery::agent
