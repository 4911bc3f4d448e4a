#include "backend/agent/diagnostics/usage.h"

#include <algorithm>
#include <optional>

#include <netinet/in.h>

#include "tokenmap/token_decoder.h"

namespace joinery::agent {
namespace {

// A generation with its decoder, where its key is known.
struct Known {
  Codepoint codepoint;
  Serial serial;
  std::optional<tokenmap::TokenDecoder> decoder;
};

std::vector<Known> KnownOf(const CountUses& order) {
  std::vector<Known> known;
  for (const LiveGeneration& live : order.generations) {
    Known one{.codepoint = live.codepoint, .serial = live.serial, .decoder = std::nullopt};
    if (live.key && order.scheme) {
      const tokenmap::GenerationKey key{
          .codepoint = live.codepoint, .serial = live.serial, .key = *live.key};
      if (auto decoder = tokenmap::TokenDecoder::Create(*order.scheme, {&key, 1})) {
        one.decoder.emplace(*std::move(decoder));
      }
    }
    known.push_back(std::move(one));
  }
  return known;
}

bool IsOwn(const Known& known, BackendId id, Token token) {
  if (!known.decoder) return true;
  const tokenmap::Decoded decoded = known.decoder->Decode(token);
  return decoded.status == tokenmap::DecodeStatus::kOk && decoded.id == id;
}

}  // namespace

bool IsAtVip(const SocketRow& row, std::span<const api::ServedVip> vips) noexcept {
  return std::ranges::any_of(vips, [&row](const api::ServedVip& vip) {
    return vip.protocol == IPPROTO_TCP && vip.address == row.local &&
           std::ranges::any_of(vip.ports, [&row](const PortRange& range) {
             return range.Contains(row.local_port);
           });
  });
}

TokenCounts CountTokens(std::span<const SocketRow> mptcp, const CountUses& order) {
  TokenCounts counts;
  const std::vector<Known> known = KnownOf(order);
  if (order.generation_bits == 0) return counts;
  const unsigned body_bits = 32U - order.generation_bits;
  const Codepoint reserved(static_cast<uint8_t>((1U << order.generation_bits) - 1));
  for (const SocketRow& row : mptcp) {
    if (row.fallen_back || !IsAtVip(row, order.vips)) continue;
    const Codepoint codepoint(static_cast<uint8_t>(row.token.value() >> body_bits));
    if (codepoint == reserved) {
      ++counts.unroutable;
      continue;
    }
    const auto found = std::ranges::find(known, codepoint, &Known::codepoint);
    if (found != known.end() && IsOwn(*found, order.id, row.token)) {
      ++counts.tokens[found->serial];
    } else {
      ++counts.foreign;
    }
  }
  return counts;
}

uint32_t CountConnections(std::span<const SocketRow> tcp,
                          std::span<const api::ServedVip> vips) noexcept {
  return static_cast<uint32_t>(
      std::ranges::count_if(tcp, [vips](const SocketRow& row) { return IsAtVip(row, vips); }));
}

Nanoseconds Ages::Update(std::vector<uint64_t> cookies, Instant now) {
  std::ranges::sort(cookies);
  if (cookies.size() > kMaxFollowed) cookies.resize(kMaxFollowed);
  std::vector<Seen> next;
  next.reserve(cookies.size());
  Instant oldest = now;
  auto before = seen_.begin();
  for (const uint64_t cookie : cookies) {
    before = std::ranges::lower_bound(before, seen_.end(), cookie, {}, &Seen::cookie);
    const bool known = before != seen_.end() && before->cookie == cookie;
    next.push_back({.cookie = cookie, .since = known ? before->since : now});
    oldest = std::min(oldest, next.back().since);
  }
  seen_ = std::move(next);
  return now - oldest;
}

}  // namespace joinery::agent
