// The claim "a decision allocates nothing", as a test: every door to the heap is trapped while
// bursts of everything are decided. An executable of its own, since it replaces operator new and
// malloc for all of it.
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "lb/steer/steer.h"
#include "lb/steer/testing/random_packets.h"
#include "lb/steer/testing/test_config.h"

namespace {

// Of this thread: how often it went to the heap.
thread_local long heap_calls = 0;

}  // namespace

// Sanitizers are clang's work here (.bazelrc), which has no macro of its own for them.
#ifdef __has_feature
#define JOINERY_SANITIZED __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#else
#define JOINERY_SANITIZED 0
#endif

#if JOINERY_SANITIZED

// The sanitizers have allocators of their own, and a hook.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           size_t),
                                                         void (*on_free)(const volatile void*));

namespace {
[[maybe_unused]] const int hooked = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { ++heap_calls; }, [](const volatile void*) {});
}  // namespace

#else

// glibc's own allocator behind the names that it lets a program replace.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  ++heap_calls;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++heap_calls;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  ++heap_calls;
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  ++heap_calls;
  return __libc_memalign(alignment, size);
}
}

#endif

namespace joinery::steer {
namespace {

TEST(NoAllocation, TheTrapWorks) {
  const long before = heap_calls;
  delete new std::vector<int>(1000);
  EXPECT_GE(heap_calls - before, 2);
}

TEST(NoAllocation, DecidingBurstsOfEverything) {
  for (const auto steering : {settings::Steering::kJoinery, settings::Steering::kFiveTuple}) {
    settings::Config config = testing::TestConfig();
    config.lb.steering = steering;
    testing::AddCookie(config);
    testing::BackendOf(config, "b3").state = settings::BackendState::kFailed;
    const auto one = testing::BuildOrDie(config, 1);
    const auto two = testing::BuildOrDie(config, 2, one.get());
    LcoreState state(1024);
    const auto packets = testing::RandomPackets(config, 1, 4000);
    const std::vector<std::span<const uint8_t>> frames(packets.begin(), packets.end());
    std::vector<Verdict> verdicts(frames.size());
    const long before = heap_calls;
    DecideBurst(*one, state, frames, Instant{} + std::chrono::hours(1), verdicts);
    DecideBurst(*two, state, frames, Instant{} + std::chrono::hours(2), verdicts);
    EXPECT_EQ(heap_calls - before, 0);
  }
}

}  // namespace
}  // namespace joinery::steer
