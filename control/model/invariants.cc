#include "control/model/invariants.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "control/model/confirmation.h"
#include "control/model/encoding.h"
#include "control/model/health.h"
#include "control/model/views.h"
#include "control/model/words.h"

namespace joinery::control {
namespace {

// The lowest of one part that a balancer with a lease has confirmed. One that reports foreign bytes
// has alarmed.
std::optional<api::Position> LowestLeased(const Model& model, Instant now,
                                          api::Position Lease::*part) {
  std::optional<api::Position> lowest;
  for (const auto& [name, status] : model.now.balancers) {
    for (const Lease& lease : status.leases) {
      if (now >= lease.until || lease.scheme == api::Position{}) continue;
      if (!lowest || lease.*part < *lowest) lowest = lease.*part;
    }
  }
  return lowest;
}

Broken GenerationsOf(const std::string& name, const Pool& pool) {
  std::set<Codepoint> codepoints;
  Serial last;
  size_t active = 0;
  for (const Generation& g : pool.generations) {
    if (!codepoints.insert(g.codepoint).second) {
      return fmt::format("{}: two generations under codepoint {}", name, g.codepoint.value());
    }
    if (g.codepoint.value() >= (1U << pool.layout.generation_bits) - 1) {
      return fmt::format("{}: the reserved codepoint has a key", name);
    }
    if (g.serial <= last || g.serial > pool.last_serial) {
      return fmt::format("{}: serial {} does not grow", name, g.serial.value());
    }
    last = g.serial;
    if (g.state == GenerationState::kActive) ++active;
    if (g.state == GenerationState::kPending && !g.told.empty()) {
      return fmt::format("{}: a backend was told of pending generation {}", name, g.serial.value());
    }
  }
  if (active > 1) return fmt::format("{}: {} active generations", name, active);
  return std::nullopt;
}

Broken IdsOf(const std::string& name, const Pool& pool) {
  std::set<BackendId> ids;
  for (const auto& [backend_name, backend] : pool.backends) {
    if (!ids.insert(backend.id).second) {
      return fmt::format("{}/{}: ID {} is another's", name, backend_name, backend.id.value());
    }
  }
  for (const RestingId& resting : pool.resting) {
    if (!ids.insert(resting.id).second) {
      return fmt::format("{}: ID {} rests and is used", name, resting.id.value());
    }
  }
  return std::nullopt;
}

Broken First(std::initializer_list<std::pair<const char*, Broken>> all) {
  for (const auto& [name, broken] : all) {
    if (broken) return fmt::format("{}: {}", name, *broken);
  }
  return std::nullopt;
}

template <typename Check>
Broken EachPool(const Model& model, Check check) {
  for (const auto& [name, pool] : model.durable.pools) {
    if (Broken broken = check(name, pool)) return broken;
  }
  return std::nullopt;
}

}  // namespace

Broken I1(const Model& model, Instant now) {
  const std::optional<api::Position> lowest = LowestLeased(model, now, &Lease::scheme);
  if (!lowest) return std::nullopt;
  return EachPool(model, [&](const std::string& name, const Pool& pool) -> Broken {
    for (const Generation& g : pool.generations) {
      if (g.state == GenerationState::kPending || g.published <= *lowest) continue;
      return fmt::format("{}: generation {} is {}, and a balancer with a lease holds {}", name,
                         g.serial.value(), ToString(g.state), Show(*lowest));
    }
    return std::nullopt;
  });
}

Broken I2(const Model& model) { return EachPool(model, GenerationsOf); }

Broken I3(const Model& model) { return EachPool(model, IdsOf); }

Broken I4(const Model& model, Instant now) {
  const api::Position barrier = Barrier(model.durable);
  const std::optional<api::Position> lowest = LowestLeased(model, now, &Lease::scheme);
  if (!lowest) return std::nullopt;
  if (model.now.recovery.waiting) return "somebody has a lease before all reported";
  if (*lowest >= barrier) return std::nullopt;
  return fmt::format("a balancer with a lease holds {}, the barrier is {}", Show(*lowest),
                     Show(barrier));
}

Broken I5(const Model& model, Instant now) {
  const std::optional<api::Position> scheme = LowestLeased(model, now, &Lease::scheme);
  const std::optional<api::Position> load = LowestLeased(model, now, &Lease::load);
  return EachPool(model, [&](const std::string& name, const Pool& pool) -> Broken {
    for (const auto& [backend_name, backend] : pool.backends) {
      if (backend.state == BackendState::kAdded || backend.state == BackendState::kFailed) continue;
      const auto say = [&](std::string_view part, const api::Position& held) {
        return fmt::format("{}/{} is {}, and a balancer with a lease holds {} {}", name,
                           backend_name, ToString(backend.state), part, Show(held));
      };
      if (!backend.named) return fmt::format("{}/{} may encode unnamed", name, backend_name);
      if (scheme && backend.published > *scheme) return say("scheme part", *scheme);
      if (load && backend.named_in > *load) return say("load part", *load);
    }
    return std::nullopt;
  });
}

Broken I6(const Model& model) {
  return EachPool(model, [&](const std::string& name, const Pool& pool) -> Broken {
    const PoolHealth health = JudgeHealth(model, name, pool);
    for (const auto& [backend_name, backend] : pool.backends) {
      const auto shown = StateForBalancers(model, {name, backend_name}, backend, health);
      const bool failed = shown == settings::BackendState::kFailed;
      if (failed == (backend.state == BackendState::kFailed)) continue;
      return fmt::format("{}/{} is {}, and balancers are told otherwise", name, backend_name,
                         ToString(backend.state));
    }
    return std::nullopt;
  });
}

Broken I8(const Model& model) {
  if (model.now.recovery.waiting) {
    if (SchemeView(model) || LoadView(model)) return "published before all reported";
    return std::nullopt;
  }
  if (model.durable.scheme > model.durable.at) return "the scheme part is ahead of all";
  return EachPool(model, [&](const std::string& name, const Pool& pool) -> Broken {
    for (const auto& [backend_name, backend] : pool.backends) {
      if (backend.view <= model.durable.at && backend.published <= model.durable.scheme) continue;
      return fmt::format("{}/{} is ahead of all", name, backend_name);
    }
    return std::nullopt;
  });
}

Broken I9(const Model& model) {
  if (model.now.recovery.waiting) return std::nullopt;
  return EachPool(model, [&](const std::string& name, const Pool& pool) -> Broken {
    for (const auto& [backend_name, backend] : pool.backends) {
      const Generation* generation = EncodesUnder(pool, backend);
      if (generation == nullptr) continue;
      if (generation->told.contains(backend_name) && backend.encoded.contains(generation->serial)) {
        continue;
      }
      return fmt::format("{}/{} is told generation {}, and nobody wrote it down", name,
                         backend_name, generation->serial.value());
    }
    return std::nullopt;
  });
}

Broken CheckLeases(const Model& model, Instant now) {
  return First({{"I1", I1(model, now)}, {"I4", I4(model, now)}, {"I5", I5(model, now)}});
}

Broken CheckInvariants(const Model& model, Instant now) {
  return First({{"I1", I1(model, now)},
                {"I2", I2(model)},
                {"I3", I3(model)},
                {"I4", I4(model, now)},
                {"I5", I5(model, now)},
                {"I6", I6(model)},
                {"I8", I8(model)},
                {"I9", I9(model)}});
}

}  // namespace joinery::control
