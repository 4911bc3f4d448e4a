#include "backend/agent/leases/lease_book.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace joinery::agent {
namespace {

using tokenmap::RefusalReason;

// Codepoints of three bits, less the reserved one: more generations can not be alive.
constexpr size_t kMaxIssuers = 7;
constexpr uint16_t kRetryMs = 1000;

}  // namespace

LeaseBook::LeaseBook(LeaseLimits limits, const Clock& clock, Random& random,
                     const std::vector<KeptLease>& kept)
    : limits_(limits), clock_(&clock), random_(&random) {
  for (const KeptLease& one : kept) {
    Lease lease{
        .uid = one.uid, .kind = one.kind, .held = {}, .without_connection_since = clock.Now()};
    for (const auto& [serial, tokens] : one.held) {
      for (const Token token : tokens) lease.held.emplace(token, serial);
    }
    leases_.emplace(one.id, std::move(lease));
  }
}

Expected<void> LeaseBook::Use(const std::optional<EncodeUnder>& under) {
  active_.reset();
  if (!under) return {};
  const Serial serial = under->generation.serial;
  if (!issuers_.contains(serial)) {
    auto issuer = Issuer::Create(*under, *clock_, *random_, HeldUnder(serial));
    if (!issuer) return Fail(issuer.error().message);
    if (issuers_.size() == kMaxIssuers) issuers_.erase(issuers_.begin());
    issuers_.emplace(serial, *std::move(issuer));
  }
  active_ = serial;
  return {};
}

Serial LeaseBook::serial() const noexcept { return active_.value_or(Serial(0)); }

Expected<tokenmap::Welcome, tokenmap::Refused> LeaseBook::Open(uint32_t uid,
                                                               const tokenmap::Hello& hello) {
  if (hello.lease != 0) return Resume(uid, hello);
  if (leases_.size() >= limits_.max_leases) {
    return Refuse(RefusalReason::kTooMany, fmt::format("{} leases are open", leases_.size()),
                  kRetryMs);
  }
  LeaseId id = 0;
  while (id == 0 || leases_.contains(id)) id = random_->Uint64();
  leases_.emplace(
      id, Lease{.uid = uid, .kind = hello.kind, .held = {}, .without_connection_since = {}});
  ++counters_.opened;
  return tokenmap::Welcome{.lease = id, .quota = limits_.quota};
}

Expected<tokenmap::Welcome, tokenmap::Refused> LeaseBook::Resume(uint32_t uid,
                                                                 const tokenmap::Hello& hello) {
  const auto found = leases_.find(hello.lease);
  if (found == leases_.end() || found->second.uid != uid || found->second.kind != hello.kind ||
      !found->second.without_connection_since) {
    return Refuse(RefusalReason::kUnknownLease, "no such lease waits for its holder");
  }
  found->second.without_connection_since.reset();
  ++counters_.resumed;
  return tokenmap::Welcome{.lease = hello.lease, .quota = limits_.quota};
}

Expected<void, tokenmap::Refused> LeaseBook::Keep(LeaseId id, std::vector<Token> tokens) {
  Lease& lease = leases_.at(id);
  std::ranges::sort(tokens);
  for (const Token token : tokens) {
    if (!lease.held.contains(token)) {
      return Refuse(RefusalReason::kUnknownLease, "it never held what it says to hold");
    }
  }
  for (auto at = lease.held.begin(); at != lease.held.end();) {
    if (std::ranges::binary_search(tokens, at->first)) {
      ++at;
      continue;
    }
    Forget(lease, at->first, at->second);
    at = lease.held.erase(at);
  }
  return {};
}

Expected<tokenmap::Block, tokenmap::Refused> LeaseBook::Take(LeaseId id, uint16_t count) {
  Lease& lease = leases_.at(id);
  if (!active_) {
    return Refuse(RefusalReason::kNoScheme, "nothing may be encoded now", kRetryMs);
  }
  if (draining_) return Refuse(RefusalReason::kDraining, "this backend is draining", kRetryMs);
  const uint32_t held = HeldBy(lease.uid);
  if (held >= limits_.quota) {
    return Refuse(RefusalReason::kQuota, fmt::format("user {} holds {}", lease.uid, held),
                  kRetryMs);
  }
  count = static_cast<uint16_t>(std::min<uint32_t>(count, limits_.quota - held));
  Issuer& issuer = issuers_.at(*active_);
  const bool keys = lease.kind == tokenmap::LeaseKind::kKeys;
  tokenmap::Block block{.serial = *active_, .kind = lease.kind, .items = {}};
  block.items = keys ? issuer.Keys(std::min(count, limits_.max_keys_block)) : issuer.Tokens(count);
  if (block.items.empty()) {
    return Refuse(RefusalReason::kCrowded,
                  keys ? "this layout has no derived tokens" : "too few nonces are free", kRetryMs);
  }
  for (const tokenmap::Leased& item : block.items) lease.held.emplace(item.token, *active_);
  counters_.given += block.items.size();
  if (!keys && issuer.crowded()) ++counters_.crowded;
  return block;
}

Expected<void, tokenmap::Refused> LeaseBook::Give(LeaseId id, const std::vector<Token>& tokens) {
  Lease& lease = leases_.at(id);
  for (const Token token : tokens) {
    const auto found = lease.held.find(token);
    if (found == lease.held.end()) {
      return Refuse(RefusalReason::kProtocol, "it gives back what it does not hold");
    }
    Forget(lease, token, found->second);
    lease.held.erase(found);
    ++counters_.returned;
  }
  return {};
}

void LeaseBook::Disconnected(LeaseId id) {
  const auto found = leases_.find(id);
  if (found == leases_.end()) return;
  found->second.without_connection_since = clock_->Now();
}

bool LeaseBook::Expire() {
  const Instant now = clock_->Now();
  bool ended = false;
  for (auto at = leases_.begin(); at != leases_.end();) {
    const Lease& lease = at->second;
    // A lease that holds nothing has nothing to wait for.
    const bool over = lease.without_connection_since &&
                      (lease.held.empty() || now - *lease.without_connection_since >= kLinger);
    if (!over) {
      ++at;
      continue;
    }
    for (const auto& [token, serial] : lease.held) Forget(lease, token, serial);
    at = leases_.erase(at);
    ++counters_.ended;
    ended = true;
  }
  return ended;
}

std::map<Serial, uint32_t> LeaseBook::InUse() const {
  std::map<Serial, uint32_t> counts;
  for (const auto& [id, lease] : leases_) {
    for (const auto& [token, serial] : lease.held) ++counts[serial];
  }
  return counts;
}

std::vector<KeptLease> LeaseBook::Kept() const {
  std::vector<KeptLease> kept;
  for (const auto& [id, lease] : leases_) {
    KeptLease one{.id = id, .uid = lease.uid, .kind = lease.kind, .held = {}};
    for (const auto& [token, serial] : lease.held) one.held[serial].push_back(token);
    for (auto& [serial, tokens] : one.held) std::ranges::sort(tokens);
    kept.push_back(std::move(one));
  }
  return kept;
}

uint32_t LeaseBook::HeldBy(uint32_t uid) const {
  size_t held = 0;
  for (const auto& [id, lease] : leases_) {
    if (lease.uid == uid) held += lease.held.size();
  }
  return static_cast<uint32_t>(held);
}

std::vector<Token> LeaseBook::HeldUnder(Serial serial) const {
  std::vector<Token> tokens;
  for (const auto& [id, lease] : leases_) {
    if (lease.kind != tokenmap::LeaseKind::kTokens) continue;
    for (const auto& [token, under] : lease.held) {
      if (under == serial) tokens.push_back(token);
    }
  }
  return tokens;
}

void LeaseBook::Forget(const Lease& lease, Token token, Serial serial) {
  if (lease.kind != tokenmap::LeaseKind::kTokens) return;
  const auto issuer = issuers_.find(serial);
  if (issuer != issuers_.end()) issuer->second.Release(token);
}

tl::unexpected<tokenmap::Refused> LeaseBook::Refuse(RefusalReason reason, std::string text,
                                                    uint16_t retry_ms) {
  ++counters_.refused;
  return tl::unexpected(
      tokenmap::Refused{.reason = reason, .retry_ms = retry_ms, .text = std::move(text)});
}

}  // namespace joinery::agent
