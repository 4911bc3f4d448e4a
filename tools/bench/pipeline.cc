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
  for (const steer::BackendEntry& backend : snapshot.backends()) {
    const auto hop = backend.next_hop;
    links_.push_back({.source = MacAddress{{2, 0, 0, 0, 0, 1}},
                      .destination = MacAddress{{2, 0, 1, 0, static_cast<uint8_t>(hop >> 8),
                                                 static_cast<uint8_t>(hop)}}});
  }
}

void Pipeline::Handle(std::span<Buffer* const, kBurst> burst) noexcept {
  for (size_t i = 0; i < kBurst; ++i) frames_[i] = burst[i]->frame();
  now_ += kBurstTime;
  if (engine_ == Engine::kBest) {
    steer::DecideBurst(snapshot_, state_, frames_, now_, verdicts_);
  } else {
    steer::DecideBurstScalar(snapshot_, state_, frames_, now_, verdicts_);
  }
  for (size_t i = 0; i < kBurst; ++i) {
    const steer::Verdict& verdict = verdicts_[i];
    if (verdict.action != steer::Action::kForward) continue;
    forward::Rewrite(snapshot_, verdict, links_[verdict.backend], burst[i]->frame());
  }
}

}  // namespace joinery::bench
