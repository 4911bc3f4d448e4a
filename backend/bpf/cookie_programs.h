// The tc programs of the timestamp cookie in the kernel: loaded, told, attached, counted. What they
// are told lies in maps that are pinned on a bpffs, and clsact holds the programs, so both outlive
// the process: one that starts again goes on with the same maps and puts its own programs in the
// place of the old ones, packet by packet. README.md has the order of things for an operator.
//
// It needs root (CAP_BPF, CAP_NET_ADMIN), and acts in the network namespace of the process.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "backend/bpf/cookie_maps.h"
#include "backend/bpf/cookie_settings.h"
#include "base/expected.h"

namespace joinery::bpf {

using CookieCounts = std::array<uint64_t, JOINERY_BPF_COUNTERS_END>;  // by joinery_bpf_counter

// As metrics name it: "egress_written".
[[nodiscard]] std::string_view CookieCounterName(size_t counter) noexcept;

enum class CookieProgram : uint8_t { kOut, kIn, kOutBare, kInBare };

class CookiePrograms {
 public:
  // pin_directory is on a bpffs and is made where missing. Refuses, with a reason: a kernel without
  // what is needed, no rights, no bpffs, maps that another version has pinned there.
  [[nodiscard]] static Expected<CookiePrograms> Load(const std::string& pin_directory);
  CookiePrograms(CookiePrograms&&) noexcept;
  CookiePrograms& operator=(CookiePrograms&&) noexcept;
  ~CookiePrograms();  // detaches nothing, unpins nothing

  // Makes the maps what `settings` say, in an order that no packet can notice (pool_entry.h). On an
  // error what was there before stays, but for a failure of the kernel's in the middle.
  [[nodiscard]] Expected<void> Apply(const CookieSettings& settings);

  // Both directions of a device; again, or by another process: replaces the programs. Refuses while
  // tcp_timestamps is 0, and a place that somebody else's filter holds. Attach before the first
  // connection of a VIP: a flow's timestamps may not change their meaning (docs/protocol.md).
  [[nodiscard]] Expected<void> Attach(const std::string& device);
  // Takes off what Attach put there; nothing there is no error. Only when no flow of a VIP is
  // alive.
  [[nodiscard]] static Expected<void> Detach(const std::string& device);
  // The kernel's number of the program on egress (0: not attached).
  [[nodiscard]] static Expected<uint32_t> AttachedProgram(const std::string& device);

  // Summed over the CPUs; they go on counting over restarts.
  [[nodiscard]] Expected<CookieCounts> Counts() const;

  // For tests and benchmarks.
  [[nodiscard]] int ProgramFd(CookieProgram program) const noexcept;
  // Instructions that the verifier went through; 0 on kernels before 5.16.
  [[nodiscard]] uint32_t VerifiedInstructions(CookieProgram program) const;

 private:
  struct Loaded;
  explicit CookiePrograms(std::unique_ptr<Loaded> loaded) noexcept;

  std::unique_ptr<Loaded> loaded_;
};

}  // namespace joinery::bpf
