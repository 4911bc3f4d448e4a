#include "api/pki/sign.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

namespace joinery::api {
namespace {

constexpr Validity kYear2026{.not_before_s = 1'767'225'600, .not_after_s = 1'798'761'600};

class SignTest : public testing::Test {
 protected:
  void SetUp() override {
    auto key = NewKey();
    ASSERT_TRUE(key.has_value());
    auto certificate = NewAuthority("test", key->get(), kYear2026);
    ASSERT_TRUE(certificate.has_value()) << certificate.error().message;
    authority_ = {.certificate = std::move(*certificate), .key = std::move(*key)};
  }
  X509Ptr Issue(const std::string& uri) {
    const auto key = NewKey();
    auto made = NewCertificate(authority_, key->get(), uri, kYear2026);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return std::move(*made);
  }

  Authority authority_;
};

TEST_F(SignTest, ACertificateSaysWhatItIsFor) {
  const X509Ptr made = Issue("joinery:agent:web/web1");
  EXPECT_EQ(X509_verify(made.get(), authority_.key.get()), 1);
  EXPECT_EQ(X509_check_issued(authority_.certificate.get(), made.get()), X509_V_OK);
  EXPECT_EQ(X509_check_ca(made.get()), 0);
  EXPECT_EQ(X509_check_purpose(made.get(), X509_PURPOSE_SSL_CLIENT, 0), 1);
  EXPECT_EQ(X509_check_purpose(made.get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_get_key_usage(made.get()), static_cast<uint32_t>(KU_DIGITAL_SIGNATURE));
  EXPECT_EQ(SecondsOf(X509_get0_notBefore(made.get())), kYear2026.not_before_s);
  EXPECT_EQ(SecondsOf(X509_get0_notAfter(made.get())), kYear2026.not_after_s);
  const auto identity = IdentityOf(made.get());
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(ToString(*identity), "joinery:agent:web/web1");
}

TEST_F(SignTest, AnAuthoritySignsNothingButCertificatesAndLists) {
  EXPECT_EQ(X509_check_ca(authority_.certificate.get()), 1);
  EXPECT_EQ(X509_get_pathlen(authority_.certificate.get()), 0);
  EXPECT_EQ(X509_get_key_usage(authority_.certificate.get()),
            static_cast<uint32_t>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
}

TEST_F(SignTest, SerialsDiffer) {
  EXPECT_NE(SerialText(Issue("joinery:control:a").get()),
            SerialText(Issue("joinery:control:a").get()));
  EXPECT_EQ(SerialText(Issue("joinery:control:a").get()).size(), 32U);
}

TEST_F(SignTest, AListNamesItsSerials) {
  const X509Ptr out = Issue("joinery:agent:web/web1");
  const X509Ptr in = Issue("joinery:agent:web/web2");
  const auto crl = NewCrl(
      authority_, {{.serial = SerialText(out.get()), .revoked_at_s = kYear2026.not_before_s}},
      kYear2026);
  ASSERT_TRUE(crl.has_value()) << crl.error().message;
  EXPECT_EQ(X509_CRL_verify(crl->get(), authority_.key.get()), 1);
  X509_REVOKED* entry = nullptr;
  EXPECT_EQ(X509_CRL_get0_by_cert(crl->get(), &entry, out.get()), 1);
  EXPECT_EQ(X509_CRL_get0_by_cert(crl->get(), &entry, in.get()), 0);
}

TEST_F(SignTest, TextsComeBackAsTheyWere) {
  const X509Ptr made = Issue("joinery:control:a");
  const auto again = ParseCertificate(ToPem(made.get()));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(X509_cmp(again->get(), made.get()), 0);
  const auto key = ParsePrivateKey(ToPem(authority_.key.get()));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(EVP_PKEY_eq(key->get(), authority_.key.get()), 1);
  EXPECT_FALSE(ParsePrivateKey(ToPem(made.get())).has_value());
  EXPECT_FALSE(ParseCertificate("").has_value());
  EXPECT_FALSE(ParseCrl("").has_value());
}

}  // namespace
}  // namespace joinery::api
