#include "backend/bpf/pool_entry.h"

#include <cstring>
#include <span>
#include <string>

#include <fmt/format.h>

namespace joinery::bpf {
namespace {

// The paper's words: little endian, as this machine is (timestamp_cookie.h says so too).
uint64_t Word(std::span<const uint8_t> bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof(word));
  return word;
}

Error PoolError(PoolId pool, const std::string& what) {
  return {fmt::format("pool {}: {}", pool.value(), what)};
}

bool Writes(const joinery_bpf_pool& entry) {
  return entry.writing < JOINERY_BPF_RESIDUES && entry.live[entry.writing].serial != 0;
}

bool SameEpoch(const joinery_cookie_epoch& a, const joinery_cookie_epoch& b) {
  return a.key[0] == b.key[0] && a.key[1] == b.key[1] && a.serial == b.serial &&
         a.code_bits == b.code_bits;
}

// Why flows that are alive under `now` would not survive `next`; both write.
std::string WhyNot(const joinery_bpf_pool& now, const joinery_bpf_pool& next) {
  const joinery_cookie_epoch& old = now.live[now.writing];
  const joinery_cookie_epoch& fresh = next.live[next.writing];
  if (old.code_bits != fresh.code_bits) {
    return "the number of ID bits may not change while VIPs exist; it needs a new pool";
  }
  if (fresh.serial < old.serial) {
    return fmt::format(
        "epoch {} may not be written after {}: clients would drop what looks older; "
        "allowed are later ones",
        fresh.serial, old.serial);
  }
  if (fresh.serial == old.serial && !SameEpoch(old, fresh)) {
    return fmt::format("epoch {} has another key than before; a new key needs a new epoch",
                       old.serial);
  }
  if (fresh.serial == old.serial && now.id != next.id) {
    return fmt::format("ID {} may not become {} within epoch {}; write a later epoch with it",
                       now.id, next.id, old.serial);
  }
  if (fresh.serial != old.serial && now.writing == next.writing) {
    return fmt::format(
        "epoch {} would take the place of {}, which is being written; go through "
        "an epoch between them",
        fresh.serial, old.serial);
  }
  return {};
}

}  // namespace

Expected<joinery_bpf_pool> MakePoolEntry(const CookiePool& pool) {
  joinery_bpf_pool entry{};
  entry.owner = pool.pool.value() + 1ULL;
  entry.id = pool.id.value();
  for (const tokenmap::CookieEpoch& epoch : pool.live) {
    // It says what is wrong with the epoch; the entry needs the header's own form.
    const auto cookie = tokenmap::TimestampCookie::Create(epoch, pool.id_bits);
    if (!cookie) return unexpected(PoolError(pool.pool, cookie.error().message));
    joinery_cookie_epoch& place = entry.live[tokenmap::CookieResidue(epoch.serial)];
    if (place.serial != 0) {
      return unexpected(PoolError(
          pool.pool, fmt::format("epochs {} and {} look alike; serials of live epochs may not "
                                 "differ by a multiple of {}",
                                 place.serial, epoch.serial.value(), tokenmap::kCookieResidues)));
    }
    const auto key = epoch.key.bytes();
    joinery_cookie_init(&place, Word(key.first<8>()), Word(key.last<8>()),
                        static_cast<uint32_t>(epoch.serial.value()), pool.id_bits);
  }
  if (!pool.live.empty() && pool.id.value() >> pool.id_bits != 0) {
    return unexpected(PoolError(pool.pool, fmt::format("ID {} does not fit; allowed 0..{}",
                                                       pool.id.value(), (1U << pool.id_bits) - 1)));
  }
  const std::optional<Serial> writing = pool.writing;
  if (!writing) {
    entry.writing = JOINERY_BPF_NOT_WRITING;
    return entry;
  }
  entry.writing = tokenmap::CookieResidue(*writing);
  if (entry.live[entry.writing].serial != writing->value()) {
    return unexpected(PoolError(
        pool.pool, fmt::format("epoch {} is to be written and is not live", writing->value())));
  }
  return entry;
}

Expected<std::vector<joinery_bpf_pool>> StepsToPool(const joinery_bpf_pool& now,
                                                    const joinery_bpf_pool& next) {
  if (!Writes(now)) {
    joinery_bpf_pool ready = next;
    ready.writing = JOINERY_BPF_NOT_WRITING;
    return std::vector{ready, next};
  }
  const PoolId pool(static_cast<uint32_t>(now.owner - 1));
  if (!Writes(next)) {
    return unexpected(PoolError(
        pool, "it writes cookies and may not stop while VIPs exist; take its VIPs off first"));
  }
  const std::string why_not = WhyNot(now, next);
  if (!why_not.empty()) return unexpected(PoolError(pool, why_not));
  joinery_bpf_pool ready = now;
  for (uint32_t residue = 0; residue < JOINERY_BPF_RESIDUES; ++residue) {
    if (residue != now.writing && next.live[residue].serial != 0) {
      ready.live[residue] = next.live[residue];
    }
  }
  joinery_bpf_pool switched = ready;
  switched.writing = next.writing;
  switched.id = next.id;
  return std::vector{ready, switched, next};
}

}  // namespace joinery::bpf
