#include "api/net/credentials.h"

#include <ctime>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "api/net/testing.h"

namespace joinery::api {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  // The error of loading, "" if there is none.
  std::string ErrorOf(const CredentialFiles& files) {
    const auto loaded = Credentials::Load(files);
    return loaded ? "" : loaded.error().message;
  }
  void Write(const std::string& path, std::string_view text) {
    std::ofstream(path) << text;
    ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  }

  TestAuthority authority_;
  TestFolder folder_;
  CredentialFiles files_ = authority_.Issue("joinery:control:c1");
};

TEST_F(CredentialsTest, WhatIsRightLoads) {
  const auto loaded = Credentials::Load(files_);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  const auto now = static_cast<int64_t>(std::time(nullptr));
  EXPECT_GT((*loaded)->not_after_s(), now);
  EXPECT_LE((*loaded)->not_after_s(), now + 86'400);
  EXPECT_EQ((*loaded)->ReloadIfChanged(), false);
  files_.revoked.clear();
  EXPECT_EQ(ErrorOf(files_), "");
}

TEST_F(CredentialsTest, AKeyThatOthersReadIsRefused) {
  ASSERT_EQ(chmod(files_.key.c_str(), 0640), 0);
  EXPECT_EQ(ErrorOf(files_), files_.key + ": others may read it (mode 0640); chmod 600 mends that");
}

TEST_F(CredentialsTest, EachFileIsNamedInItsError) {
  const std::string bad = folder_ / "bad";
  Write(bad, "nothing\n");
  for (std::string CredentialFiles::*file :
       {&CredentialFiles::certificate, &CredentialFiles::key, &CredentialFiles::authority,
        &CredentialFiles::revoked}) {
    CredentialFiles files = files_;
    files.*file = bad;
    EXPECT_TRUE(ErrorOf(files).starts_with(bad + ": ")) << ErrorOf(files);
    files.*file = folder_ / "missing";
    EXPECT_TRUE(ErrorOf(files).starts_with(folder_ / "missing: ")) << ErrorOf(files);
  }
}

TEST_F(CredentialsTest, TheKeyMustBeTheCertificates) {
  files_.key = authority_.Issue("joinery:control:c2").key;
  EXPECT_TRUE(ErrorOf(files_).starts_with(files_.key + ": not the key of ")) << ErrorOf(files_);
}

TEST_F(CredentialsTest, TheListMustBeTheAuthoritys) {
  TestAuthority stranger;
  files_.revoked = stranger.directory() + "/revoked.pem";
  EXPECT_EQ(ErrorOf(files_), files_.revoked + ": not signed by the authority");
}

TEST_F(CredentialsTest, AServersOwnCertificateIsNoAuthority) {
  files_.authority = files_.certificate;
  EXPECT_EQ(ErrorOf(files_), files_.authority + ": holds a certificate that is no authority's");
}

TEST_F(CredentialsTest, ARevocationIsAChange) {
  const auto loaded = Credentials::Load(files_);
  ASSERT_TRUE(loaded.has_value());
  static_cast<void>(authority_.Issue("joinery:agent:web/web1"));
  EXPECT_EQ((*loaded)->ReloadIfChanged(), false);
  authority_.Revoke("joinery:agent:web/web1");
  EXPECT_EQ((*loaded)->ReloadIfChanged(), true);
}

}  // namespace
}  // namespace joinery::api
