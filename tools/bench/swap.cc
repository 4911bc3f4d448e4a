#include "tools/bench/swap.h"

#include <cstddef>
#include <cstring>

#include "base/big_endian.h"

namespace joinery::bench {
namespace {

constexpr size_t kMac = 6;
constexpr size_t kEthertype = 12;
constexpr size_t kIp = 14;

template <size_t kBytes>
void Swap(uint8_t* a, uint8_t* b) noexcept {
  uint8_t first[kBytes];
  uint8_t second[kBytes];
  std::memcpy(first, a, kBytes);
  std::memcpy(second, b, kBytes);
  std::memcpy(a, second, kBytes);
  std::memcpy(b, first, kBytes);
}

[[nodiscard]] bool HasPorts(uint8_t protocol) noexcept { return protocol == 6 || protocol == 17; }

}  // namespace

void SwapFiveTuple(std::span<uint8_t> frame) noexcept {
  constexpr size_t kIpv4Header = 20;
  constexpr size_t kIpv6Header = 40;
  uint8_t* p = frame.data();
  if (frame.size() < kIp) return;
  Swap<kMac>(p, p + kMac);
  const uint16_t ethertype = LoadBe16(p + kEthertype);
  if (ethertype == 0x0800 && frame.size() >= kIp + kIpv4Header + 4) {
    Swap<4>(p + kIp + 12, p + kIp + 16);
    if (!HasPorts(p[kIp + 9])) return;
    Swap<2>(p + kIp + kIpv4Header, p + kIp + kIpv4Header + 2);
  } else if (ethertype == 0x86dd && frame.size() >= kIp + kIpv6Header + 4) {
    Swap<16>(p + kIp + 8, p + kIp + 24);
    if (!HasPorts(p[kIp + 6])) return;
    Swap<2>(p + kIp + kIpv6Header, p + kIp + kIpv6Header + 2);
  }
}

}  // namespace joinery::bench
