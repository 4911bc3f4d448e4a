// The slow twin of the timestamp cookie: docs/cookie-format.md line by line, in whole numbers of 64
// bits, by division and remainder; SipHash from crypto/. For tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/ip_address.h"
#include "crypto/key128.h"
#include "crypto/siphash.h"

namespace joinery::tokenmap {

struct TwinFlow {
  IpAddress client;
  IpAddress vip;
  Port client_port;
  Port vip_port;

  // The bytes that H is of.
  [[nodiscard]] std::vector<uint8_t> Bytes() const {
    std::vector<uint8_t> bytes;
    for (const IpAddress& a : {client, vip}) {
      bytes.insert(bytes.end(), a.bytes().begin(), a.bytes().end());
    }
    for (const Port port : {client_port, vip_port}) {
      bytes.push_back(static_cast<uint8_t>(port.value() / 256));
      bytes.push_back(static_cast<uint8_t>(port.value() % 256));
    }
    return bytes;
  }
};

class CookieTwin {
 public:
  CookieTwin(const crypto::Key128& key, uint64_t serial, uint8_t id_bits)
      : key_(key), serial_(serial), k_(std::max(9U, id_bits + 2U + 3U)) {}

  [[nodiscard]] unsigned k() const { return k_; }

  [[nodiscard]] uint32_t Encode(const TwinFlow& flow, uint64_t id, uint64_t tsval) const {
    return Join(flow, id, tsval / 512);
  }

  [[nodiscard]] uint32_t EncodeSynAck(const TwinFlow& flow, uint64_t id, uint64_t tsval) const {
    const uint64_t ticks = tsval / 512;
    return Join(flow, id, Power(32) + ticks / 64 * 64 + tsval % 64 - 64);
  }

  // Tries every ID: what Encode makes of it, but for the ticks.
  [[nodiscard]] std::optional<uint64_t> Decode(const TwinFlow& flow, uint64_t tsecr) const {
    if (tsecr / Power(k_ - 2) % 4 != serial_ % 4) return std::nullopt;
    for (uint64_t id = 0; id < Power(k_ - 2 - 3); ++id) {
      if (Permute(HashOf(flow), id * 8) == tsecr % Power(k_ - 2)) return id;
    }
    return std::nullopt;
  }

  [[nodiscard]] uint64_t SynEcho(uint64_t tsecr) const {
    const uint64_t field = tsecr / Power(k_ - 2) + Power(40) - serial_;
    return 64 + field / 4 % 64;
  }

  [[nodiscard]] uint64_t HashOf(const TwinFlow& flow) const {
    return crypto::SipHash13(key_, flow.Bytes());
  }

  // Of k-2 bits under the flow's hash.
  [[nodiscard]] uint64_t Permute(uint64_t hash, uint64_t value) const {
    const unsigned right_bits = (k_ - 2) / 2;
    const unsigned left_bits = k_ - 2 - right_bits;
    uint64_t left = value / Power(right_bits);
    uint64_t right = value % Power(right_bits);
    for (unsigned i = 0; i < 6; ++i) {
      if (i % 2 == 0) {
        left = left ^ Round(hash, i, right) % Power(left_bits);
      } else {
        right = right ^ Round(hash, i, left) % Power(right_bits);
      }
    }
    return left * Power(right_bits) + right;
  }

 private:
  static uint64_t Power(unsigned bits) { return uint64_t{1} << bits; }

  [[nodiscard]] uint32_t Join(const TwinFlow& flow, uint64_t id, uint64_t ticks) const {
    const uint64_t front = (ticks * 4 + serial_) % Power(32);
    return static_cast<uint32_t>((front * Power(k_ - 2) + Permute(HashOf(flow), id * 8)) %
                                 Power(32));
  }

  [[nodiscard]] uint64_t Round(uint64_t hash, unsigned i, uint64_t half) const {
    constexpr unsigned kFirstBits[] = {0, 16, 32, 48, 8, 40};
    const std::vector<uint8_t> text = {'r', 'o', 'u', 'n', 'd'};
    const uint64_t r = crypto::SipHash13(key_, text) / Power(8 * i) % 256;
    const uint64_t with_top_bit = r < 128 ? r + 128 : r;
    const uint64_t h = hash / Power(kFirstBits[i]) % Power(16);
    return (half ^ with_top_bit) * h % Power(16) / Power(9);
  }

  crypto::Key128 key_;
  uint64_t serial_;
  unsigned k_;
};

}  // namespace joinery::tokenmap
