#include "api/digest.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

// RFC 9530 appendix B.1: {"hello": "world"} and a line feed.
constexpr std::string_view kBody = "{\"hello\": \"world\"}\n";
constexpr std::string_view kHeader = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";

TEST(Digest, RfcExample) {
  EXPECT_EQ(ToContentDigest(DigestOf(kBody)), kHeader);
  EXPECT_EQ(ParseContentDigest(kHeader), DigestOf(kBody));
}

TEST(Digest, OtherMembersAreIgnored) {
  EXPECT_EQ(ParseContentDigest("sha-512=:AAAA:, " + std::string(kHeader) + ", unixsum=:BB==:"),
            DigestOf(kBody));
}

TEST(Digest, WhatIsNoDigestIsRefused) {
  for (const std::string_view bad :
       {"", "sha-256",
        "sha-256=::", "sha-512=:AAAA:", "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=",
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDh=:",     // bits behind the last byte
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDgA:",     // 33 bytes
        "sha-256=:RK_0qy18MlBSVnWgjwz6lZEWjP_lF5HF9bvEF8FabDg=:"}) {  // the URL's alphabet
    EXPECT_EQ(ParseContentDigest(bad), std::nullopt) << bad;
  }
}

TEST(Digest, EveryDigestComesBack) {
  for (int i = 0; i < 200; ++i) {
    const Digest digest = DigestOf(std::string(static_cast<size_t>(i), 'x'));
    EXPECT_EQ(ParseContentDigest(ToContentDigest(digest)), digest);
  }
}

}  // namespace
}  // namespace joinery::api
