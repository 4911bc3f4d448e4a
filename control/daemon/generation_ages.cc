#include "control/daemon/generation_ages.h"

namespace joinery::control {

void GenerationAges::Look(const Model& model, Instant now) {
  std::map<std::pair<std::string, Serial>, Seen> seen;
  for (const auto& [name, pool] : model.durable.pools) {
    for (const Generation& generation : pool.generations) {
      const auto key = std::pair(name, generation.serial);
      const auto before = seen_.find(key);
      const bool same = before != seen_.end() && before->second.state == generation.state;
      seen.emplace(key,
                   Seen{.state = generation.state, .since = same ? before->second.since : now});
    }
  }
  seen_ = std::move(seen);
}

Nanoseconds GenerationAges::Age(const Model& model, const std::string& pool,
                                const Generation& generation, Instant now) const {
  if (generation.state == GenerationState::kDraining) {
    return model.durable.age - generation.draining_since;
  }
  const auto seen = seen_.find(std::pair(pool, generation.serial));
  if (seen == seen_.end() || seen->second.state != generation.state) return Nanoseconds{};
  return now - seen->second.since;
}

}  // namespace joinery::control
