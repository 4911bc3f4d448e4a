// What this CPU and kernel can run, for choosing an engine at start.
#pragma once

namespace joinery::crypto {

struct CpuFeatures {
  bool aesni = false;  // AES-NI with SSSE3's byte shuffle
  bool vaes =
      false;  // AES on 512-bit registers: VAES, AVX-512 F and BW, and a kernel that saves them
  bool sha = false;  // the SHA-1 and SHA-256 instructions, with SSSE3 and SSE4.1
};

// Asked of cpuid once, then remembered. Thread-safe.
[[nodiscard]] const CpuFeatures& Cpu() noexcept;

}  // namespace joinery::crypto
