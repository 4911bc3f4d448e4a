// A small certificate authority in a directory, for those who have none: `joinctl pki`. Keys are
// ECDSA P-256, certificates X.509 v3 whose identity is a URI among the subject's alternative names
// (api/net/identity.h), good for both ends of TLS. Nothing is overwritten. Other authorities serve
// as well, if their certificates hold that URI.
//
//   DIR/ca.crt           the authority; give it to everybody
//   DIR/ca.key           mode 0600; keep it where none of the daemons runs
//   DIR/revoked.pem      the CRL; give it to everybody, again after each Revoke
//   DIR/issued/*.crt     what was issued, by serial number
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/net/identity.h"
#include "base/expected.h"

namespace joinery::api {

inline constexpr uint32_t kMaxAuthorityDays = 3650;
inline constexpr uint32_t kMaxCertificateDays = 825;

struct Issued {
  std::string serial;  // hexadecimal
  Identity identity;
  int64_t not_after_s = 0;  // since 1970
  bool revoked = false;
};

// Makes DIR, its authority and an empty CRL. `days`: 1..kMaxAuthorityDays.
[[nodiscard]] Expected<void> InitAuthority(const std::string& directory, const std::string& name,
                                           uint32_t days);

// Writes OUT.crt and OUT.key (mode 0600). `days`: 1..kMaxCertificateDays, and no longer than the
// authority's own. Valid from five minutes ago, for clocks that differ.
[[nodiscard]] Expected<Issued> IssueCertificate(const std::string& directory,
                                                const Identity& identity, uint32_t days,
                                                const std::string& out);

// Every certificate of that identity that has neither ended nor been revoked; an error if there is
// none. Writes the CRL anew.
[[nodiscard]] Expected<std::vector<Issued>> RevokeCertificates(const std::string& directory,
                                                               const Identity& identity);

[[nodiscard]] Expected<std::vector<Issued>> ListCertificates(const std::string& directory);

}  // namespace joinery::api
