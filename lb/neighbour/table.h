// The neighbours that the balancer forwards to: backends on the link and gateways, by port and
// address. Only wanted addresses are in it (a configuration acquires them), so traffic can never
// fill it. One thread at a time may call it, except for Load and Demand, which the forwarding cores
// call without a lock: a link address and its state are one 64-bit word.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/expected.h"
#include "base/ip_address.h"
#include "base/mac_address.h"
#include "lb/neighbour/entry.h"

namespace joinery::neighbour {

// What a forwarding core reads: one word, taken apart where it is used. A struct of bytes would be
// copied in pieces that overlap, and each copy would wait for the one before: 30 ns for a packet.
class Link {
 public:
  Link(const MacAddress& mac, State state) noexcept
      : word_(uint64_t{static_cast<uint8_t>(state)} << kStateShift) {
    std::memcpy(&word_, mac.bytes.data(), mac.bytes.size());
  }
  explicit Link(uint64_t word) noexcept : word_(word) {}

  [[nodiscard]] uint64_t word() const noexcept { return word_; }
  [[nodiscard]] State state() const noexcept { return static_cast<State>(word_ >> kStateShift); }
  [[nodiscard]] bool usable() const noexcept { return IsUsable(state()); }
  // Meaningful when the state is usable.
  [[nodiscard]] MacAddress mac() const noexcept {
    MacAddress mac;
    std::memcpy(mac.bytes.data(), &word_, mac.bytes.size());
    return mac;
  }

 private:
  static_assert(std::endian::native == std::endian::little, "the low bytes of a word come first");
  // The link address in the low 48 bits, as its bytes lie in memory; the state above.
  static constexpr int kStateShift = 48;

  uint64_t word_ = 0;
};

// A question that the caller must send.
struct Probe {
  uint16_t port = 0;
  IpAddress target;
  std::optional<MacAddress> unicast;  // to this address alone; none: to all (RFC 4861 7.2.2)
};

struct NeighbourStatus {
  uint16_t port = 0;
  IpAddress address;
  Link link{MacAddress{}, State::kIncomplete};
};

using Slot = uint32_t;

// What the forwarding cores read of a Table, to be held while a burst is forwarded: so the compiler
// need not look for it again after each byte that is written.
class Links {
 public:
  explicit Links(const std::atomic<uint64_t>* words) noexcept : words_(words) {}
  // Any time, for a slot that is acquired.
  [[nodiscard]] Link operator[](Slot slot) const noexcept {
    return Link(words_[slot].load(std::memory_order_relaxed));
  }

 private:
  const std::atomic<uint64_t>* words_;
};

class Table {
 public:
  // The next hops of two configurations, since a reload holds both: steer::kMaxBackends backends
  // and the gateways of 16 ports, twice.
  static constexpr Slot kMaxCapacity = 2 * (16384 + 32);
  // How many slots one Tick looks at, so that its time is bounded.
  static constexpr Slot kSlotsPerTick = 256;

  explicit Table(Slot capacity = kMaxCapacity, Timing timing = {});

  // One more reference to the neighbour; a new one starts incomplete. Fails when the table is full.
  [[nodiscard]] Expected<Slot> Acquire(uint16_t port, const IpAddress& address, Instant now);
  // One less; with the last the neighbour is forgotten. No core may still use the slot.
  void Release(Slot slot);

  // A message from `address` gave its link address. Addresses that nobody wants are ignored.
  void Answered(uint16_t port, const IpAddress& address, const MacAddress& mac, Instant now);
  void Heard(uint16_t port, const IpAddress& address, const MacAddress& mac, Instant now);

  // What is known of a wanted neighbour; nullopt: nobody wants it.
  [[nodiscard]] std::optional<Link> Find(uint16_t port, const IpAddress& address) const noexcept;

  // Advances the next kSlotsPerTick slots, and writes at most probes.size() questions; what does
  // not fit waits for the next round. Returns how many were written.
  [[nodiscard]] size_t Tick(Instant now, std::span<Probe> probes);

  [[nodiscard]] std::vector<NeighbourStatus> Status() const;
  [[nodiscard]] size_t size() const noexcept { return index_.size(); }
  [[nodiscard]] Slot capacity() const noexcept { return static_cast<Slot>(slots_.size()); }

  // Any thread, any time, for a slot that is acquired.
  [[nodiscard]] Links links() const noexcept { return Links(words_.get()); }
  [[nodiscard]] Link Load(Slot slot) const noexcept { return links()[slot]; }
  // A packet had to be dropped: asks for the neighbour soon.
  void Demand(Slot slot) noexcept;

 private:
  struct Key {
    uint16_t port = 0;
    IpAddress address;
    friend bool operator==(const Key&, const Key&) noexcept = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const noexcept;
  };
  struct Record {
    Key key;
    Entry entry;
    uint32_t references = 0;  // 0: the slot is free
  };

  void Apply(const Key& key, const Event& event, Instant now);
  void Publish(Slot slot) noexcept;

  Timing timing_;
  std::vector<Record> slots_;
  std::vector<Slot> free_;
  std::unordered_map<Key, Slot, KeyHash> index_;
  Slot cursor_ = 0;
  Slot high_water_ = 0;  // slots from here on were never used
  // Apart from the records: what the cores read is dense, and they never read anything else.
  std::unique_ptr<std::atomic<uint64_t>[]> words_;
  std::unique_ptr<std::atomic<bool>[]> demanded_;
};

}  // namespace joinery::neighbour
