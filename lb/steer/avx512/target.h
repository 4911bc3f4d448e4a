// What marks a function of this room: it may use AVX-512 instructions, so it runs only after
// Supported() (engine.h) said so. The attribute stands on functions, not on files, so that inline
// functions of other headers are never compiled for a CPU that this machine may not be.
#pragma once

#include <immintrin.h>

#define JOINERY_AVX512 [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,bmi2")]]
