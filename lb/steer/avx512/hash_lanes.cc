#include "lb/steer/avx512/lanes.h"
#include "lb/steer/avx512/siphash_lanes.h"

namespace joinery::steer::avx512 {
inline namespace JOINERY_LANES {
namespace {

constexpr size_t kGroup = 8;  // 64-bit lanes of a register

template <size_t kWords>
JOINERY_AVX512 inline void HashGroup(const Lanes& lanes, size_t first, uint64_t* out) noexcept {
  SipHash13Lanes<kWords>(&lanes.key0[first], &lanes.key1[first], &lanes.words[0][first], kLanes,
                         out);
}

}  // namespace

JOINERY_AVX512 void HashLanes(Lanes& lanes) noexcept {
  for (size_t first = 0; first < kLanes; first += kGroup) {
    const auto fast = static_cast<__mmask8>(lanes.fast >> first);
    const auto ipv6 = static_cast<__mmask8>(lanes.ipv6 >> first);
    if ((fast & ~ipv6) != 0) HashGroup<kIpv4Words>(lanes, first, &lanes.hashes[first]);
    if (ipv6 == 0) continue;
    alignas(64) uint64_t hashes[kGroup];
    HashGroup<kIpv6Words>(lanes, first, hashes);
    _mm512_mask_store_epi64(&lanes.hashes[first], ipv6, _mm512_load_si512(hashes));
  }
}

}  // namespace JOINERY_LANES
}  // namespace joinery::steer::avx512
