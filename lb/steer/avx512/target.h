// What marks a function of this room: it may use AVX-512 instructions, so it runs only after
// Supported() (engine.h) said so. The attribute stands on functions, not on files, so that inline
// functions of other headers are never compiled for a CPU that this machine may not be.
//
// The same sources are built once more with JOINERY_EMULATE_AVX512, for tests: in a namespace of
// their own, in plain instructions, for every CPU.
#pragma once

#ifdef JOINERY_EMULATE_AVX512

#include "lb/steer/avx512/emulation.h"

#define JOINERY_AVX512
#define JOINERY_LANES emulated

#else

#include <immintrin.h>

#define JOINERY_AVX512 [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,bmi2")]]
#define JOINERY_LANES native

#endif
