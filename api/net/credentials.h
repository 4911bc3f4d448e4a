// What a program shows of itself in mutual TLS 1.3 and whom it believes: PEM files, read whole or
// not at all. Shared by servers and clients; new connections use what was read last.
#pragma once

#include <memory>
#include <string>

#include "base/expected.h"

namespace joinery::api {

struct CredentialFiles {
  std::string certificate;  // with its chain, if any
  std::string key;          // not readable by others
  std::string authority;    // certificates that peers' must lead to
  std::string revoked{};    // a CRL of the authority (RFC 5280 section 5); empty: none
};

class Credentials {
 public:
  // Every error names the file.
  [[nodiscard]] static Expected<std::shared_ptr<Credentials>> Load(const CredentialFiles& files);
  ~Credentials();

  // On SIGHUP, after a renewal. On error what was read before stays.
  [[nodiscard]] Expected<void> Reload();
  // The same, if any of the files has changed on disk; true: it had. Servers ask each second.
  [[nodiscard]] Expected<bool> ReloadIfChanged();

  // The own certificate ends then; seconds since 1970.
  [[nodiscard]] int64_t not_after_s() const noexcept;

  // For those who include api/net/tls.h.
  class Impl;
  explicit Credentials(std::unique_ptr<Impl> impl) noexcept;
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace joinery::api
