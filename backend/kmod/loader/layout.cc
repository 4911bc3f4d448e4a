#include "backend/kmod/loader/layout.h"

#include <cstring>
#include <memory>

#include <bpf/btf.h>
#include <fmt/format.h>

namespace joinery::kmod {
namespace {

constexpr uint32_t kBitsInByte = 8;
constexpr const char* kRequest = "mptcp_subflow_request_sock";
constexpr const char* kContext = "mptcp_subflow_context";  // of an established subflow

struct Member {
  uint32_t offset_bits;
  uint32_t size_bits;
};

Expected<const btf_type*> FindStruct(const btf* types, const char* name) {
  const int32_t id = btf__find_by_name_kind(types, name, BTF_KIND_STRUCT);
  if (id < 0) return Fail(fmt::format("struct {} is not in the kernel's BTF: no MPTCP?", name));
  return btf__type_by_id(types, static_cast<uint32_t>(id));
}

// Members of unnamed structs inside (struct_group) count as members, as in C.
Expected<Member> FindMember(const btf* types, const btf_type* in, const char* name) {
  const btf_member* members = btf_members(in);
  for (uint32_t i = 0; i < btf_vlen(in); ++i) {
    const char* found = btf__name_by_offset(types, members[i].name_off);
    const uint32_t offset = btf_member_bit_offset(in, i);
    if (*found == '\0') {
      const btf_type* inner = btf__type_by_id(types, members[i].type);
      if (!btf_is_composite(inner)) continue;
      if (const auto member = FindMember(types, inner, name)) {
        return Member{offset + member->offset_bits, member->size_bits};
      }
    }
    if (std::strcmp(found, name) != 0) continue;
    const uint32_t bitfield = btf_member_bitfield_size(in, i);
    const auto bytes = btf__resolve_size(types, members[i].type);
    if (bytes < 0) return Fail(fmt::format("member {} has no size in the kernel's BTF", name));
    return Member{offset, bitfield != 0 ? bitfield : static_cast<uint32_t>(bytes) * kBitsInByte};
  }
  return Fail(fmt::format("there is no member {} in the kernel's BTF", name));
}

// The offset in bits of a member that must have this size.
Expected<uint32_t> OffsetBits(const btf* types, const btf_type* in, const char* name,
                              uint32_t size_bits) {
  const auto member = FindMember(types, in, name);
  if (!member) return Fail(member.error().message);
  if (member->size_bits != size_bits) {
    return Fail(fmt::format("member {} has {} bits in this kernel; the module is written for {}",
                            name, member->size_bits, size_bits));
  }
  return member->offset_bits;
}

struct TokenAndIdsn {
  uint32_t token;  // in bytes
  uint32_t idsn;   // in bytes
};

Expected<TokenAndIdsn> FindTokenAndIdsn(const btf* types, const btf_type* in) {
  const auto token = OffsetBits(types, in, "token", 32);
  if (!token) return Fail(token.error().message);
  const auto idsn = OffsetBits(types, in, "idsn", 64);
  if (!idsn) return Fail(idsn.error().message);
  return TokenAndIdsn{*token / kBitsInByte, *idsn / kBitsInByte};
}

}  // namespace

std::string RequestLayout::ToModuleParameters() const {
  return fmt::format("key_offset={} token_offset={} idsn_offset={} join_bit={}", key_offset,
                     token_offset, idsn_offset, join_bit);
}

Expected<RequestLayout> FindLayout(const btf* types) {
  const auto request = FindStruct(types, kRequest);
  if (!request) return Fail(request.error().message);
  const auto context = FindStruct(types, kContext);
  if (!context) return Fail(context.error().message);

  const auto named = FindTokenAndIdsn(types, *request);
  if (!named) return Fail(fmt::format("struct {}: {}", kRequest, named.error().message));
  const auto key = OffsetBits(types, *request, "local_key", 64);
  if (!key) return Fail(fmt::format("struct {}: {}", kRequest, key.error().message));
  const auto join = OffsetBits(types, *request, "allow_join_id0", 1);
  if (!join) return Fail(fmt::format("struct {}: {}", kRequest, join.error().message));
  const auto other = FindTokenAndIdsn(types, *context);
  if (!other) return Fail(fmt::format("struct {}: {}", kContext, other.error().message));

  // The module sees only where the token and the IDSN are written; their distance tells it which
  // struct they are in.
  if (named->token - named->idsn == other->token - other->idsn) {
    return Fail(
        fmt::format("token and idsn are {} bytes apart in {} and in {}: the module could "
                    "not tell them apart",
                    named->token - named->idsn, kRequest, kContext));
  }
  return RequestLayout{.key_offset = *key / kBitsInByte,
                       .token_offset = named->token,
                       .idsn_offset = named->idsn,
                       .join_bit = *join};
}

Expected<RequestLayout> ReadLayout(const std::string& path) {
  const std::unique_ptr<btf, decltype(&btf__free)> types(btf__parse(path.c_str(), nullptr),
                                                         &btf__free);
  if (!types) {
    return Fail(fmt::format("{}: {}; the kernel must be built with CONFIG_DEBUG_INFO_BTF", path,
                            std::strerror(errno)));
  }
  return FindLayout(types.get());
}

}  // namespace joinery::kmod
