// Certificates (RFC 5280) as OpenSSL has them: owners, and what Joinery reads of one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "api/net/identity.h"
#include "base/expected.h"

namespace joinery::api {

template <auto kFree>
struct OpenSslDeleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};

using X509Ptr = std::unique_ptr<X509, OpenSslDeleter<X509_free>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, OpenSslDeleter<X509_CRL_free>>;
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY_free>>;

// The one URI `joinery:...` among the subject's alternative names; more or fewer is an error.
[[nodiscard]] Expected<Identity> IdentityOf(const X509* certificate);

// Its serial number, big-endian bytes without leading zeros.
[[nodiscard]] std::string SerialBytes(const ASN1_INTEGER* serial);

// Seconds since 1970.
[[nodiscard]] int64_t SecondsOf(const ASN1_TIME* time);

// OpenSSL's oldest error of this thread as text; "unknown error" when there is none.
[[nodiscard]] std::string TakeOpenSslError();

[[nodiscard]] Expected<X509Ptr> ParseCertificate(std::string_view pem);
[[nodiscard]] Expected<X509CrlPtr> ParseCrl(std::string_view pem);
[[nodiscard]] Expected<EvpPkeyPtr> ParsePrivateKey(std::string_view pem);

}  // namespace joinery::api
