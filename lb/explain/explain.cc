#include "lb/explain/explain.h"

#include <fmt/format.h>

#include "lb/steer/lcore_state.h"
#include "lb/steer/steer.h"
#include "lb/steer/verdict_json.h"
#include "lb/steer/verdict_text.h"
#include "wire/packet_text.h"

namespace joinery::explain {
namespace {

using steer::Action;
using steer::Verdict;

// One question needs no cache; this is the smallest that there is.
constexpr uint32_t kCacheFlows = 1024;

std::string Why(const Verdict& verdict) {
  std::string why;
  switch (verdict.action) {
    case Action::kForward:
      why = steer::Text(verdict.rule);
      break;
    case Action::kDrop:
      why = steer::Text(verdict.reason);
      break;
    case Action::kLocal:
      why = "not for a service: ARP, neighbour discovery, echo, or not for a virtual address";
      break;
    case Action::kCopy:
      why = "nothing names a backend: every backend of the pool gets a copy";
      break;
  }
  for (size_t i = 0; i < steer::kNoteCount; ++i) {
    const auto note = static_cast<steer::Note>(i);
    if ((verdict.notes & steer::Bit(note)) != 0) why += fmt::format("; {}", steer::Text(note));
  }
  if (verdict.action == Action::kForward && verdict.rule == steer::Rule::kHash) {
    why += "; a forwarding core that has seen the flow begin goes by its cache instead";
  }
  return why;
}

}  // namespace

std::string Explain(const steer::Snapshot& snapshot, std::span<const uint8_t> frame) {
  steer::LcoreState state(kCacheFlows);
  Verdict verdict;
  const std::span<const uint8_t> frames[] = {frame};
  steer::DecideBurst(snapshot, state, frames, Instant{}, {&verdict, 1});
  const auto packet = wire::ParseFrame(frame);
  const std::string text =
      packet ? wire::ToString(*packet) : "malformed: " + wire::ToString(packet.error());
  const std::string said =
      packet ? steer::ToString(verdict, snapshot, *packet) : steer::ToString(verdict, snapshot);
  return fmt::format("{{\"packet\":{},\"verdict\":{},\"why\":{},{},\"version\":{}}}",
                     steer::Quoted(text), steer::Quoted(said), steer::Quoted(Why(verdict)),
                     steer::VerdictMembers(verdict, snapshot), snapshot.version());
}

}  // namespace joinery::explain
