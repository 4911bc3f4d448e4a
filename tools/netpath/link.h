// One direction of an emulated path: a queue before a wire of limited rate, then delay, loss and
// reordering. The same packets at the same times with the same seed fare the same. No I/O.
//
//   Send ──> lost? ──> queue ──(rate)──> wire ──(delay, and more for who is overtaken)──> Deliver
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace joinery::netpath {

using Packet = std::vector<uint8_t>;

// A chance in parts of a thousand million.
inline constexpr uint32_t kCertain = 1'000'000'000;

struct Conditions {
  Nanoseconds delay{};   // of every packet, after it was sent
  uint64_t rate = 0;     // bits a second; 0: no limit
  uint32_t loss = 0;     // of kCertain, each packet by itself
  uint32_t reorder = 0;  // of kCertain; such a packet takes `reorder_by` longer
  Nanoseconds reorder_by{};
  size_t queue = 1000;  // packets that may wait for the wire; what comes then is dropped
};

struct Counters {
  uint64_t packets = 0;  // sent into this direction
  uint64_t bytes = 0;
  uint64_t lost = 0;
  uint64_t overflowed = 0;  // found the queue full
  uint64_t reordered = 0;
  uint64_t delivered = 0;
};

class Link {
 public:
  Link(const Conditions& conditions, uint64_t seed) : conditions_(conditions), random_(seed) {}

  // `now` never goes back from one call to the next.
  void Send(Packet packet, Instant now);

  // When the next packet arrives; nothing while none is under way.
  [[nodiscard]] std::optional<Instant> next() const;

  // The next packet that has arrived by `now`.
  [[nodiscard]] std::optional<Packet> Deliver(Instant now);

  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

 private:
  struct Arrival {
    Instant at;
    uint64_t number;  // of two at the same time the first one sent comes first
    Packet packet;
  };
  struct Later {
    bool operator()(const Arrival& a, const Arrival& b) const noexcept {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };

  [[nodiscard]] bool Chance(uint32_t of_certain) noexcept;
  [[nodiscard]] Nanoseconds TimeOnWire(size_t bytes) const noexcept;

  Conditions conditions_;
  SeededRandom random_;
  Counters counters_;
  Instant wire_free_{};
  std::deque<Instant> departures_;  // of packets that wait or are being sent
  std::priority_queue<Arrival, std::vector<Arrival>, Later> under_way_;
};

}  // namespace joinery::netpath
