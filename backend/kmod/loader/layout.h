// Where the kernel keeps what the module changes: members of struct mptcp_subflow_request_sock
// (Linux net/mptcp/protocol.h), which no exported header shows. Read from the running kernel's BTF,
// never from a table of versions.
#pragma once

#include <cstdint>
#include <string>

#include "base/expected.h"

struct btf;

namespace joinery::kmod {

struct RequestLayout {
  uint32_t key_offset = 0;    // local_key, in bytes
  uint32_t token_offset = 0;  // token, in bytes
  uint32_t idsn_offset = 0;   // idsn, in bytes
  uint32_t join_bit = 0;      // allow_join_id0, in bits

  // As finit_module(2) takes it: "key_offset=312 ...".
  [[nodiscard]] std::string ToModuleParameters() const;
  friend bool operator==(const RequestLayout&, const RequestLayout&) = default;
};

// Refuses when a member is missing or has not the size that the module writes, or when the module
// could take the struct of an outgoing connection (mptcp_subflow_context) for a request.
[[nodiscard]] Expected<RequestLayout> FindLayout(const btf* types);

// The same from a file: the kernel's own is /sys/kernel/btf/vmlinux.
[[nodiscard]] Expected<RequestLayout> ReadLayout(const std::string& path);

}  // namespace joinery::kmod
