#include "tokenmap/token_allocator.h"

#include <fmt/format.h>

namespace joinery::tokenmap {

Expected<TokenAllocator> TokenAllocator::Create(const Scheme& scheme, const Clock& clock,
                                                Random& random, std::span<const uint32_t> taken) {
  const uint64_t space = uint64_t{1} << scheme.nonce_bits();
  TokenAllocator allocator(space, clock, random.Below(static_cast<uint32_t>(space)));
  for (const uint32_t nonce : taken) {
    if (nonce >= space) {
      return Fail(fmt::format("nonce {} is too large; allowed 0..{}", nonce, space - 1));
    }
    if (allocator.taken_[nonce]) return Fail(fmt::format("nonce {} is given twice", nonce));
    allocator.Take(nonce);
  }
  return allocator;
}

Allocation TokenAllocator::Allocate() noexcept {
  Thaw();
  if (100 * taken_count_ >= kRefusePercent * space_) {
    ++counters_.refused;
    return {};
  }
  // Ends, since a fifth of the space is free. One round of the walk passes each taken nonce once
  // and gives at least that fifth: on average no more than five steps for each nonce given.
  while (taken_[next_]) next_ = static_cast<uint32_t>((next_ + 1) & (space_ - 1));
  const bool crowded = 100 * taken_count_ >= kWarnPercent * space_;
  Take(next_);
  ++counters_.allocated;
  counters_.crowded += crowded ? 1 : 0;
  const uint32_t nonce = next_;
  next_ = static_cast<uint32_t>((next_ + 1) & (space_ - 1));
  return {.status = crowded ? AllocateStatus::kCrowded : AllocateStatus::kOk, .nonce = nonce};
}

bool TokenAllocator::Release(uint32_t nonce) {
  if (nonce >= space_ || !live_[nonce]) return false;
  live_[nonce] = false;
  cooling_.push_back({.until = clock_->Now() + kCoolingTime, .nonce = nonce});
  ++counters_.released;
  return true;
}

std::vector<uint32_t> TokenAllocator::TakenNonces() const {
  std::vector<uint32_t> nonces;
  nonces.reserve(taken_count_);
  for (uint32_t nonce = 0; nonce < space_; ++nonce) {
    if (taken_[nonce]) nonces.push_back(nonce);
  }
  return nonces;
}

void TokenAllocator::Take(uint32_t nonce) noexcept {
  taken_[nonce] = true;
  live_[nonce] = true;
  ++taken_count_;
}

void TokenAllocator::Thaw() noexcept {
  const Instant now = clock_->Now();
  while (!cooling_.empty() && cooling_.front().until <= now) {
    taken_[cooling_.front().nonce] = false;
    --taken_count_;
    cooling_.pop_front();
  }
}

}  // namespace joinery::tokenmap
