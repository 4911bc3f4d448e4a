// What makes server keys for kernel sockets, as the agent drives it: the module joinery_token, or
// nothing. Calls block for as long as the kernel takes (milliseconds).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "backend/agent/core/core.h"
#include "base/random.h"

namespace joinery::agent {

class EncoderPort {
 public:
  virtual ~EncoderPort() = default;

  // Brings it in if it is not there. Why it can not be loaded is in error().
  [[nodiscard]] virtual EncoderState Load() = 0;
  [[nodiscard]] virtual EncoderState Read() = 0;
  // When they return without an error, keys of before are gone.
  [[nodiscard]] virtual EncoderSet Set(const EncodeUnder& under) = 0;
  [[nodiscard]] virtual EncoderSet Clear() = 0;

  // As of the last call: what went wrong, and the module's counters.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  [[nodiscard]] const std::map<std::string, uint64_t>& counters() const noexcept {
    return counters_;
  }

 protected:
  std::string error_;
  std::map<std::string, uint64_t> counters_;
};

// backend/kmod. The layout comes from the running kernel's BTF.
class KernelEncoder final : public EncoderPort {
 public:
  // The module's file; empty: where `make modules_install` puts it for the running kernel.
  explicit KernelEncoder(std::string module);

  [[nodiscard]] EncoderState Load() override;
  [[nodiscard]] EncoderState Read() override;
  [[nodiscard]] EncoderSet Set(const EncodeUnder& under) override;
  [[nodiscard]] EncoderSet Clear() override;

 private:
  std::string module_;
};

// For hosts whose MPTCP stacks are all in user space: remembers what it is told, and its
// incarnation is the agent's own.
class NoKernelEncoder final : public EncoderPort {
 public:
  explicit NoKernelEncoder(Random& random);

  [[nodiscard]] EncoderState Load() override { return state_; }
  [[nodiscard]] EncoderState Read() override { return state_; }
  [[nodiscard]] EncoderSet Set(const EncodeUnder& under) override;
  [[nodiscard]] EncoderSet Clear() override;

 private:
  EncoderState state_;
};

}  // namespace joinery::agent
