// A store that counts: how often the state was written, how long that took, and how large it is. A
// failure is not counted: the daemon ends after it.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "control/store/store.h"

namespace joinery::control {

struct StoreCounters {
  uint64_t writes = 0;      // that are durable now
  Nanoseconds taken{};      // by all writes together
  Nanoseconds longest{};    // of one write
  uint64_t last_bytes = 0;  // of the last image, before it is encrypted
};

class CountedStore final : public Store {
 public:
  // Both outlive it.
  CountedStore(Store& store, const Clock& clock) noexcept : store_(store), clock_(clock) {}

  [[nodiscard]] Expected<std::optional<StateImage>> Load() override { return store_.Load(); }
  [[nodiscard]] Expected<void> Save(uint64_t epoch, const std::string& body) override;

  [[nodiscard]] const StoreCounters& counters() const noexcept { return counters_; }

 private:
  Store& store_;
  const Clock& clock_;
  StoreCounters counters_;
};

}  // namespace joinery::control
