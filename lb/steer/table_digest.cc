#include "lb/steer/table_digest.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/big_endian.h"
#include "crypto/sha.h"
#include "crypto/siphash.h"

namespace joinery::steer {
namespace {

// How many tokens of each codepoint are decoded: two keys that agree on all have 2^-400 odds.
constexpr uint32_t kProbes = 16;
// Cookies of one flow that are decoded: most are wrong, and say little.
constexpr uint32_t kCookieProbes = 1024;
constexpr uint32_t kProbeStep = 0x9e3779b9;  // 2^32 / golden ratio: spread over the bodies

// The bytes that are hashed: big-endian numbers, texts with their length.
class Canon {
 public:
  void Number(uint64_t value) {
    bytes_.resize(bytes_.size() + sizeof value);
    StoreBe64(&bytes_[bytes_.size() - sizeof value], value);
  }
  void Short(uint16_t value) {
    bytes_.push_back(static_cast<uint8_t>(value >> 8));
    bytes_.push_back(static_cast<uint8_t>(value & 0xff));
  }
  void Bytes(std::span<const uint8_t> bytes) {
    Number(bytes.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  void Address(const IpAddress& address) { Bytes(address.bytes()); }
  void Reserve(size_t more) { bytes_.reserve(bytes_.size() + more); }
  [[nodiscard]] std::array<uint8_t, 32> Digest() const { return crypto::Sha256(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

void AppendDecoder(Canon& canon, const PoolEntry& pool) {
  canon.Number(pool.decoder ? 1 : 0);
  if (!pool.decoder) return;
  const tokenmap::Scheme& scheme = pool.decoder->scheme();
  canon.Text(tokenmap::Name(scheme.algorithm()));
  canon.Number(scheme.generation_bits());
  canon.Number(scheme.id_bits());
  for (uint8_t codepoint = 0; codepoint < scheme.reserved().value(); ++codepoint) {
    for (uint32_t probe = 0; probe < kProbes; ++probe) {
      const uint32_t body = scheme.Body(Token(probe * kProbeStep));
      const tokenmap::Decoded decoded =
          pool.decoder->Decode(scheme.Join(Codepoint(codepoint), body));
      canon.Number(static_cast<uint64_t>(decoded.status));
      if (decoded.status != tokenmap::DecodeStatus::kOk) break;
      canon.Number(pool.serials[codepoint].value());
      canon.Number(decoded.id.value());
      canon.Number(decoded.nonce);
    }
  }
}

void AppendCookie(Canon& canon, const PoolEntry& pool) {
  if (!pool.cookie) return;
  canon.Text("cookie");
  for (const Serial epoch : pool.epochs) canon.Number(epoch.value());
  constexpr std::array<uint8_t, 12> kFlow{};
  for (uint32_t probe = 0; probe < kCookieProbes; ++probe) {
    const tokenmap::DecodedCookie decoded = pool.cookie->Decode(kFlow, probe * kProbeStep);
    canon.Short(static_cast<uint16_t>(decoded.status));
    canon.Short(decoded.id.value());
  }
}

void AppendVips(Canon& canon, const settings::Pool& pool) {
  std::vector<settings::Vip> vips = pool.vips;
  std::ranges::sort(vips, [](const settings::Vip& a, const settings::Vip& b) {
    return std::tie(a.address, a.protocol, a.ports) < std::tie(b.address, b.protocol, b.ports);
  });
  canon.Number(vips.size());
  for (const settings::Vip& vip : vips) {
    canon.Address(vip.address);
    canon.Number(vip.protocol);
    canon.Number(static_cast<uint64_t>(vip.fragments));
    canon.Number(vip.ports.size());
    for (const PortRange& ports : vip.ports) {
      canon.Short(ports.first.value());
      canon.Short(ports.last.value());
    }
  }
}

// Who is reached by the ID in a token.
void AppendIds(Canon& canon, const PoolEntry& pool, const Snapshot& snapshot) {
  for (size_t id = 0; id < pool.by_id.size(); ++id) {
    if (pool.by_id[id] == kNoIndex) continue;
    const BackendEntry& backend = snapshot.backends()[pool.by_id[id]];
    canon.Number(id);
    canon.Text(backend.name);
    canon.Address(backend.address);
    canon.Number(static_cast<uint64_t>(backend.encap));
  }
}

// By ID, since indexes are each balancer's own.
void AppendTable(Canon& canon, const PoolEntry& pool, const Snapshot& snapshot) {
  canon.Number(pool.table.size());
  canon.Reserve(2 * pool.table.size());
  for (const uint16_t backend : pool.table) canon.Short(snapshot.backends()[backend].id.value());
}

std::array<uint8_t, 32> PoolDigest(const settings::Pool& config, const PoolEntry& pool,
                                   const Snapshot& snapshot) {
  Canon canon;
  canon.Text(pool.name);
  canon.Number(pool.id.value());
  canon.Number(static_cast<uint64_t>(pool.handshake));
  canon.Number(pool.join_rate);
  constexpr std::string_view kMessage = "joinery table digest";
  canon.Number(crypto::SipHash24(
      pool.hash_secret, {reinterpret_cast<const uint8_t*>(kMessage.data()), kMessage.size()}));
  AppendVips(canon, config);
  AppendDecoder(canon, pool);
  AppendCookie(canon, pool);
  AppendIds(canon, pool, snapshot);
  AppendTable(canon, pool, snapshot);
  return canon.Digest();
}

}  // namespace

std::array<uint8_t, 32> TableDigest(const settings::Config& config, const Snapshot& snapshot) {
  std::vector<const settings::Pool*> pools;
  for (const settings::Pool& pool : config.pools) pools.push_back(&pool);
  std::ranges::sort(pools, {}, [](const settings::Pool* pool) { return pool->id; });
  Canon canon;
  canon.Number(static_cast<uint64_t>(snapshot.steering()));
  canon.Number(pools.size());
  for (const settings::Pool* pool : pools) {
    const auto entry = std::ranges::find_if(snapshot.pools(), [&](const PoolEntry& candidate) {
      return !candidate.vacant && candidate.id == pool->id;
    });
    if (entry != snapshot.pools().end()) canon.Bytes(PoolDigest(*pool, *entry, snapshot));
  }
  return canon.Digest();
}

}  // namespace joinery::steer
