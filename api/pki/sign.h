// Certificates and revocation lists (RFC 5280), made and signed by OpenSSL: no files, no policy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/net/certificate.h"
#include "base/expected.h"

namespace joinery::api {

struct Authority {
  X509Ptr certificate;
  EvpPkeyPtr key;
};

// Both ends are included; seconds since 1970.
struct Validity {
  int64_t not_before_s = 0;
  int64_t not_after_s = 0;
};

struct Revocation {
  std::string serial;  // hexadecimal
  int64_t revoked_at_s = 0;
};

// ECDSA P-256.
[[nodiscard]] Expected<EvpPkeyPtr> NewKey();

// Signed by its own key; allowed to sign certificates (no further authorities) and lists.
[[nodiscard]] Expected<X509Ptr> NewAuthority(const std::string& name, EVP_PKEY* key,
                                             const Validity& validity);

// For both ends of TLS, with the URI among the subject's alternative names.
[[nodiscard]] Expected<X509Ptr> NewCertificate(const Authority& authority, EVP_PKEY* key,
                                               const std::string& uri, const Validity& validity);

[[nodiscard]] Expected<X509CrlPtr> NewCrl(const Authority& authority,
                                          const std::vector<Revocation>& revocations,
                                          const Validity& validity);

[[nodiscard]] std::string ToPem(const X509* certificate);
[[nodiscard]] std::string ToPem(const X509_CRL* crl);
[[nodiscard]] std::string ToPem(const EVP_PKEY* key);

// "1f00..." in lower case.
[[nodiscard]] std::string SerialText(const X509* certificate);

}  // namespace joinery::api
