#include "tools/bench/pipeline.h"

#include <cstring>

#include "lb/steer/avx512/engine.h"
#include "lb/steer/scalar.h"
#include "lb/steer/steer.h"
#include "wire/ethernet.h"

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
    : snapshot_(&snapshot), engine_(engine), state_(cache_flows) {
  for (const steer::BackendEntry& backend : snapshot.backends()) {
    const auto hop = backend.next_hop;
    links_.push_back({.source = MacAddress{{2, 0, 0, 0, 0, 1}},
                      .destination = MacAddress{{2, 0, 1, 0, static_cast<uint8_t>(hop >> 8),
                                                 static_cast<uint8_t>(hop)}}});
  }
}

void Pipeline::Handle(std::span<Buffer* const, kBurst> burst) noexcept {
  Prefetch(burst);
  for (size_t i = 0; i < kBurst; ++i) frames_[i] = burst[i]->frame();
  now_ += kBurstTime;
  if (engine_ == Engine::kBest) {
    steer::DecideBurst(*snapshot_, state_, frames_, now_, verdicts_);
  } else {
    steer::DecideBurstScalar(*snapshot_, state_, frames_, now_, verdicts_);
  }
  for (size_t i = 0; i < kBurst; ++i) {
    if (verdicts_[i].action == steer::Action::kForward) Forward(verdicts_[i], *burst[i]);
  }
}

void Pipeline::Forward(const steer::Verdict& verdict, Buffer& buffer) noexcept {
  const size_t headroom = forward::Headroom(*snapshot_, verdict);
  if (headroom == 0) {
    return forward::Rewrite(*snapshot_, verdict, links_[verdict.backend], buffer.frame());
  }
  // A tunnel's headers lie over the frame's own Ethernet header, so that is put back for the next
  // time that the packet comes, which no balancer does: one load and one store, since the two bytes
  // behind it stay as they are.
  uint8_t* received = buffer.frame().data();
  std::array<uint8_t, wire::EthernetView::kMinLength + 2> link_header;
  std::memcpy(link_header.data(), received, link_header.size());
  forward::Rewrite(*snapshot_, verdict, links_[verdict.backend],
                   {received - headroom, buffer.data_len + headroom});
  std::memcpy(received, link_header.data(), link_header.size());
}

}  // namespace joinery::bench
