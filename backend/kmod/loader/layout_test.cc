#include "backend/kmod/loader/layout.h"

#include <memory>

#include <bpf/btf.h>
#include <gtest/gtest.h>

namespace joinery::kmod {
namespace {

// What a row changes in a kernel like Debian's 6.1, in bits.
struct Kernel {
  const char* request = "mptcp_subflow_request_sock";
  const char* key = "local_key";
  uint32_t key_at = 312 * 8;
  bool key_is_short = false;
  bool join_is_byte = false;
  bool key_in_group = false;  // inside an unnamed struct, as struct_group() makes
  uint32_t context_token_at = 48 * 8;
};

using Btf = std::unique_ptr<btf, decltype(&btf__free)>;

Btf MakeBtf(const Kernel& kernel) {
  Btf types(btf__new_empty(), &btf__free);
  const int u8 = btf__add_int(types.get(), "unsigned char", 1, 0);
  const int u16 = btf__add_int(types.get(), "unsigned short", 2, 0);
  const int u32 = btf__add_int(types.get(), "unsigned int", 4, 0);
  const int u64 = btf__add_int(types.get(), "unsigned long", 8, 0);
  const int key = kernel.key_is_short ? u32 : u64;
  int group = 0;
  if (kernel.key_in_group) {
    group = btf__add_struct(types.get(), nullptr, 16);
    btf__add_field(types.get(), kernel.key, key, 64, 0);
  }
  btf__add_struct(types.get(), kernel.request, 400);
  btf__add_field(types.get(), "allow_join_id0", kernel.join_is_byte ? u8 : u16,
                 kernel.join_is_byte ? 304 * 8 : 304 * 8 + 5, kernel.join_is_byte ? 0 : 1);
  if (kernel.key_in_group) {
    btf__add_field(types.get(), nullptr, group, kernel.key_at - 64, 0);
  } else {
    btf__add_field(types.get(), kernel.key, key, kernel.key_at, 0);
  }
  btf__add_field(types.get(), "idsn", u64, 320 * 8, 0);
  btf__add_field(types.get(), "token", u32, 328 * 8, 0);
  btf__add_struct(types.get(), "mptcp_subflow_context", 200);
  btf__add_field(types.get(), "idsn", u64, 16 * 8, 0);
  btf__add_field(types.get(), "token", u32, kernel.context_token_at, 0);
  return types;
}

TEST(FindLayout, Kernels) {
  const RequestLayout found{
      .key_offset = 312, .token_offset = 328, .idsn_offset = 320, .join_bit = 304 * 8 + 5};
  struct Row {
    const char* name;
    Kernel kernel;
    std::string error;  // part of it; empty: the layout above
  };
  const Row rows[] = {
      {.name = "as in 6.1", .kernel = {}, .error = ""},
      {.name = "key in a struct_group", .kernel = {.key_in_group = true}, .error = ""},
      {.name = "no MPTCP",
       .kernel = {.request = "x"},
       .error = "mptcp_subflow_request_sock is not"},
      {.name = "renamed", .kernel = {.key = "x"}, .error = "no member local_key"},
      {.name = "short key", .kernel = {.key_is_short = true}, .error = "local_key has 32 bits"},
      {.name = "wide flag", .kernel = {.join_is_byte = true}, .error = "allow_join_id0 has 8 bits"},
      {.name = "structs alike",
       .kernel = {.context_token_at = 24 * 8},
       .error = "could not tell them apart"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Btf types = MakeBtf(row.kernel);
    const auto layout = FindLayout(types.get());
    if (row.error.empty()) {
      ASSERT_TRUE(layout) << layout.error().message;
      EXPECT_EQ(*layout, found) << layout->ToModuleParameters();
    } else {
      ASSERT_FALSE(layout);
      EXPECT_NE(layout.error().message.find(row.error), std::string::npos)
          << layout.error().message;
    }
  }
}

TEST(ReadLayout, SaysWhichFileIsMissing) {
  const auto layout = ReadLayout("/no/such/btf");
  ASSERT_FALSE(layout);
  EXPECT_NE(layout.error().message.find("/no/such/btf"), std::string::npos);
}

TEST(RequestLayout, ModuleParameters) {
  const RequestLayout layout{
      .key_offset = 312, .token_offset = 328, .idsn_offset = 320, .join_bit = 2437};
  EXPECT_EQ(layout.ToModuleParameters(),
            "key_offset=312 token_offset=328 idsn_offset=320 join_bit=2437");
}

}  // namespace
}  // namespace joinery::kmod
