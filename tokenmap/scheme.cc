#include "tokenmap/scheme.h"

#include <algorithm>

#include <fmt/format.h>

namespace joinery::tokenmap {

std::string_view Name(Algorithm algorithm) noexcept {
  return algorithm == Algorithm::kPlain ? "plain" : "ff1";
}

Expected<Scheme> Scheme::Create(Algorithm algorithm, PoolId pool, uint8_t generation_bits,
                                uint8_t id_bits) {
  if (algorithm != Algorithm::kPlain && algorithm != Algorithm::kFf1) {
    return Fail(fmt::format("algorithm {} is unknown; allowed plain, ff1",
                            static_cast<unsigned>(algorithm)));
  }
  if (generation_bits < kMinGenerationBits || generation_bits > kMaxGenerationBits) {
    return Fail(fmt::format("generation_bits {} is out of range; allowed {}..{}", generation_bits,
                            kMinGenerationBits, kMaxGenerationBits));
  }
  const int most = kMaxBitsForExplicit - generation_bits;
  if (id_bits < 1 || id_bits > most) {
    return Fail(fmt::format(
        "id_bits {} is out of range; with generation_bits {} allowed 1..{} (max_backends 1..{})",
        id_bits, generation_bits, most, std::min(1 << (most - 1), int{kMaxBackends})));
  }
  return Scheme(algorithm, pool, generation_bits, id_bits);
}

}  // namespace joinery::tokenmap
