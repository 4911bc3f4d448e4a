#include "crypto/cpu.h"

#include <cpuid.h>
#include <cstdint>

namespace joinery::crypto {
namespace {

struct Registers {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers Ask(uint32_t leaf) noexcept {
  Registers r;
  if (__get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

// XCR0: which register files the kernel saves (Intel SDM volume 1, section 13.3).
uint64_t SavedRegisters() noexcept {
  uint32_t low;
  uint32_t high;
  asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t{high} << 32 | low;
}

CpuFeatures Detect() noexcept {
  const Registers basic = Ask(1);
  const Registers extended = Ask(7);
  constexpr uint32_t kOsxsave = 1U << 27;
  constexpr uint64_t kAvx512State = 0xe6;  // SSE, AVX, opmask, ZMM0-15 high, ZMM16-31
  const bool ssse3 = (basic.ecx & bit_SSSE3) != 0;
  const bool zmm_saved =
      (basic.ecx & kOsxsave) != 0 && (SavedRegisters() & kAvx512State) == kAvx512State;
  CpuFeatures cpu;
  cpu.aesni = ssse3 && (basic.ecx & bit_AES) != 0;
  cpu.vaes = cpu.aesni && zmm_saved && (extended.ecx & bit_VAES) != 0 &&
             (extended.ebx & bit_AVX512F) != 0 && (extended.ebx & bit_AVX512BW) != 0;
  cpu.sha = ssse3 && (basic.ecx & bit_SSE4_1) != 0 && (extended.ebx & bit_SHA) != 0;
  return cpu;
}

}  // namespace

const CpuFeatures& Cpu() noexcept {
  static const CpuFeatures features = Detect();
  return features;
}

}  // namespace joinery::crypto
