#include "tools/bench/pipeline.h"

#include "lb/steer/avx512/engine.h"
#include "lb/steer/scalar.h"
#include "lb/steer/steer.h"

namespace joinery::bench {
namespace {

// The pace that `now` keeps: 32 packets at 20 ns each. Rates and ages are the same on a slow
// machine and under valgrind.
constexpr Nanoseconds kBurstTime{640};

}  // namespace

std::string_view Name(Engine engine) noexcept {
  return engine == Engine::kBest && steer::avx512::Supported() ? "avx512" : "scalar";
}

Pipeline::Pipeline(const steer::Snapshot& snapshot, uint32_t cache_flows, Engine engine)
    : snapshot_(snapshot), engine_(engine), state_(cache_flows) {
  for (size_t i = 0; i < snapshot.next_hops().size(); ++i) {
    links_.push_back({.source = MacAddress{{2, 0, 0, 0, 0, 1}},
                      .destination = MacAddress{
                          {2, 0, 1, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)}}});
  }
}

void Pipeline::Handle(std::span<Buffer* const, kBurst> burst) noexcept {
  std::array<std::span<const uint8_t>, kBurst> frames;
  std::array<steer::Verdict, kBurst> verdicts;
  for (size_t i = 0; i < kBurst; ++i) frames[i] = burst[i]->frame();
  now_ += kBurstTime;
  if (engine_ == Engine::kBest) {
    steer::DecideBurst(snapshot_, state_, frames, now_, verdicts);
  } else {
    steer::DecideBurstScalar(snapshot_, state_, frames, now_, verdicts);
  }
  for (size_t i = 0; i < kBurst; ++i) {
    const steer::Verdict& verdict = verdicts[i];
    if (verdict.action != steer::Action::kForward) continue;
    const uint16_t next_hop = snapshot_.backends()[verdict.backend].next_hop;
    forward::Rewrite(snapshot_, verdict, links_[next_hop], burst[i]->frame());
  }
}

}  // namespace joinery::bench
