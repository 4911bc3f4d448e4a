#include "api/pki/pki.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "api/net/credentials.h"

namespace joinery::api {
namespace {

namespace fs = std::filesystem;

class PkiTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "joinery-pki.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    const auto made = InitAuthority(Ca(), "example", 30);
    ASSERT_TRUE(made.has_value()) << made.error().message;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string Ca() const { return folder_ / "ca"; }
  std::string Out(const std::string& name) const { return folder_ / name; }
  static Identity Agent(const std::string& name) {
    return {.role = Role::kAgent, .name = name, .pool = "web"};
  }

  fs::path folder_;
};

TEST_F(PkiTest, KeysAreTheirOwnersOnly) {
  ASSERT_TRUE(IssueCertificate(Ca(), Agent("web1"), 7, Out("web1")).has_value());
  EXPECT_EQ(fs::status(Ca() + "/ca.key").permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(Out("web1.key")).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(Ca() + "/ca.crt").permissions(), fs::perms(0644));
}

TEST_F(PkiTest, WhatIsIssuedLoads) {
  const auto issued = IssueCertificate(Ca(), Agent("web1"), 7, Out("web1"));
  ASSERT_TRUE(issued.has_value()) << issued.error().message;
  const auto loaded = Credentials::Load({.certificate = Out("web1.crt"),
                                         .key = Out("web1.key"),
                                         .authority = Ca() + "/ca.crt",
                                         .revoked = Ca() + "/revoked.pem"});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ((*loaded)->not_after_s(), issued->not_after_s);
  EXPECT_NEAR(static_cast<double>(issued->not_after_s - std::time(nullptr)), 7 * 86'400, 60);
}

TEST_F(PkiTest, NothingIsOverwritten) {
  const auto again = InitAuthority(Ca(), "other", 30);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().message, Ca() + "/ca.crt: exists; it is left alone");
  ASSERT_TRUE(IssueCertificate(Ca(), Agent("web1"), 7, Out("web1")).has_value());
  const auto second = IssueCertificate(Ca(), Agent("web1"), 7, Out("web1"));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().message, Out("web1.crt: exists; it is left alone"));
  EXPECT_EQ(ListCertificates(Ca())->size(), 1U);
}

TEST_F(PkiTest, TimesAreBounded) {
  EXPECT_FALSE(InitAuthority(Out("b"), "b", 0).has_value());
  EXPECT_FALSE(InitAuthority(Out("b"), "b", kMaxAuthorityDays + 1).has_value());
  EXPECT_EQ(IssueCertificate(Ca(), Agent("a"), 0, Out("a")).error().message,
            "days: 0; allowed 1..825");
  const auto longer = IssueCertificate(Ca(), Agent("a"), 31, Out("a"));
  ASSERT_FALSE(longer.has_value());
  EXPECT_NE(longer.error().message.find("the authority itself ends in"), std::string::npos)
      << longer.error().message;
}

TEST_F(PkiTest, OnlyNamesBecomeCertificates) {
  for (const Identity& bad : {Identity{}, Agent(""), Agent("a/b"), Agent("a,URI:joinery:control:x"),
                              Identity{.role = Role::kControl, .name = "a b"}}) {
    EXPECT_FALSE(IssueCertificate(Ca(), bad, 7, Out("bad")).has_value()) << ToString(bad);
  }
  EXPECT_FALSE(fs::exists(Out("bad.key")));
}

TEST_F(PkiTest, RevokingCoversAllThatIsValid) {
  ASSERT_TRUE(IssueCertificate(Ca(), Agent("web1"), 7, Out("a")).has_value());
  ASSERT_TRUE(IssueCertificate(Ca(), Agent("web1"), 7, Out("b")).has_value());
  ASSERT_TRUE(IssueCertificate(Ca(), Agent("web2"), 7, Out("c")).has_value());
  const auto revoked = RevokeCertificates(Ca(), Agent("web1"));
  ASSERT_TRUE(revoked.has_value()) << revoked.error().message;
  EXPECT_EQ(revoked->size(), 2U);
  const auto list = ListCertificates(Ca());
  ASSERT_TRUE(list.has_value()) << list.error().message;
  ASSERT_EQ(list->size(), 3U);
  EXPECT_TRUE((*list)[0].revoked);
  EXPECT_TRUE((*list)[1].revoked);
  EXPECT_FALSE((*list)[2].revoked);
  EXPECT_EQ(ToString((*list)[2].identity), "joinery:agent:web/web2");
  const auto again = RevokeCertificates(Ca(), Agent("web1"));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().message, "joinery:agent:web/web1 has no certificate that is valid");
  // A later revocation keeps the earlier ones.
  ASSERT_TRUE(RevokeCertificates(Ca(), Agent("web2")).has_value());
  const auto all = ListCertificates(Ca());
  ASSERT_TRUE(all.has_value());
  for (const Issued& issued : *all) EXPECT_TRUE(issued.revoked);
}

TEST_F(PkiTest, WithoutItsKeyAnAuthorityIssuesNothing) {
  fs::remove(Ca() + "/ca.key");
  const auto issued = IssueCertificate(Ca(), Agent("web1"), 7, Out("web1"));
  ASSERT_FALSE(issued.has_value());
  EXPECT_TRUE(issued.error().message.starts_with(Ca() + "/ca.key: ")) << issued.error().message;
}

}  // namespace
}  // namespace joinery::api
