#include "control/daemon/generation_use.h"

namespace joinery::control {

api::GenerationUse UseOf(const Model& model, const std::string& pool, Serial serial) {
  api::GenerationUse sum{.serial = serial, .tokens = 0, .keys = 0};
  for (const auto& [ref, agent] : model.now.agents) {
    if (ref.pool != pool || !agent.report) continue;
    for (const api::GenerationUse& use : agent.report->uses) {
      if (use.serial != serial) continue;
      sum.tokens += use.tokens;
      sum.keys += use.keys;
    }
  }
  return sum;
}

}  // namespace joinery::control
