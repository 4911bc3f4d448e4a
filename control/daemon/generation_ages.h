// For how long each generation has been in its state, as far as this run of the daemon saw it: the
// model needs no such time but that of draining. Pure.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "control/model/model.h"

namespace joinery::control {

class GenerationAges {
 public:
  // Looks at the model; to be called often, since an age is as fine as that.
  void Look(const Model& model, Instant now);
  // Zero for one that no Look has seen. Of a draining generation: whole, from the durable state.
  [[nodiscard]] Nanoseconds Age(const Model& model, const std::string& pool,
                                const Generation& generation, Instant now) const;

 private:
  struct Seen {
    GenerationState state;
    Instant since;
  };
  // A serial is given once in the life of a pool's ID.
  std::map<std::pair<std::string, Serial>, Seen> seen_;
};

}  // namespace joinery::control
