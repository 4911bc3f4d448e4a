#include "api/pki/pki.h"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <sys/stat.h>

#include "api/net/certificate.h"
#include "api/pki/new_file.h"
#include "api/pki/sign.h"
#include "base/hex.h"
#include "crypto/wipe.h"
#include "settings/name.h"
#include "settings/read_file.h"

namespace joinery::api {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kClockSkewSeconds = 300;
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr size_t kMaxIssued = 16'384;
constexpr mode_t kSecret = 0600;
constexpr mode_t kPublic = 0644;

std::string CertificatePath(const std::string& directory) { return directory + "/ca.crt"; }
std::string KeyPath(const std::string& directory) { return directory + "/ca.key"; }
std::string CrlPath(const std::string& directory) { return directory + "/revoked.pem"; }
std::string IssuedFolder(const std::string& directory) { return directory + "/issued"; }

int64_t WallSeconds() noexcept { return static_cast<int64_t>(std::time(nullptr)); }

Validity ValidFor(uint32_t days) noexcept {
  const int64_t now = WallSeconds();
  return {.not_before_s = now - kClockSkewSeconds, .not_after_s = now + days * kDaySeconds};
}

Expected<void> CheckDays(uint32_t days, uint32_t most) {
  if (days >= 1 && days <= most) return {};
  return Fail(fmt::format("days: {}; allowed 1..{}", days, most));
}

Expected<std::string> ReadText(const std::string& path) {
  auto file = settings::ReadFile(path, kMaxPemBytes);
  if (!file) return Fail(fmt::format("{}: {}", path, file.error().message));
  return std::move(file->bytes);
}

// What a key is written through is wiped.
Expected<void> WriteKey(const std::string& path, const EVP_PKEY* key) {
  std::string pem = ToPem(key);
  auto written = WriteNewFile(path, pem, kSecret);
  crypto::Wipe(pem.data(), pem.size());
  return written;
}

Expected<Authority> ReadAuthority(const std::string& directory) {
  const auto certificate_pem = ReadText(CertificatePath(directory));
  if (!certificate_pem) return unexpected(certificate_pem.error());
  auto certificate = ParseCertificate(*certificate_pem);
  if (!certificate) {
    return Fail(fmt::format("{}: {}", CertificatePath(directory), certificate.error().message));
  }
  auto key_pem = ReadText(KeyPath(directory));
  if (!key_pem) return unexpected(key_pem.error());
  auto key = ParsePrivateKey(*key_pem);
  crypto::Wipe(key_pem->data(), key_pem->size());
  if (!key) return Fail(fmt::format("{}: {}", KeyPath(directory), key.error().message));
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    return Fail(
        fmt::format("{}: not the key of {}", KeyPath(directory), CertificatePath(directory)));
  }
  return Authority{.certificate = std::move(*certificate), .key = std::move(*key)};
}

// Good for as long as the authority: control and its kin take an older list too, and other programs
// would refuse one that has ended.
Expected<void> WriteCrl(const std::string& directory, const Authority& authority,
                        const std::vector<Revocation>& revocations) {
  const Validity validity{
      .not_before_s = WallSeconds() - kClockSkewSeconds,
      .not_after_s = SecondsOf(X509_get0_notAfter(authority.certificate.get()))};
  const auto crl = NewCrl(authority, revocations, validity);
  if (!crl) return unexpected(crl.error());
  return ReplaceFile(CrlPath(directory), ToPem(crl->get()), kPublic);
}

Expected<std::vector<Revocation>> ReadRevocations(const std::string& directory) {
  const auto pem = ReadText(CrlPath(directory));
  if (!pem) return unexpected(pem.error());
  const auto crl = ParseCrl(*pem);
  if (!crl) return Fail(fmt::format("{}: {}", CrlPath(directory), crl.error().message));
  std::vector<Revocation> revocations;
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl->get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const std::string serial = SerialBytes(X509_REVOKED_get0_serialNumber(entry));
    revocations.push_back(
        {.serial = ToHex({reinterpret_cast<const uint8_t*>(serial.data()), serial.size()}),
         .revoked_at_s = SecondsOf(X509_REVOKED_get0_revocationDate(entry))});
  }
  return revocations;
}

Expected<void> MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Fail(fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

Expected<Issued> ReadIssued(const std::string& path) {
  const auto pem = ReadText(path);
  if (!pem) return unexpected(pem.error());
  const auto certificate = ParseCertificate(*pem);
  if (!certificate) return Fail(fmt::format("{}: {}", path, certificate.error().message));
  auto identity = IdentityOf(certificate->get());
  if (!identity) return Fail(fmt::format("{}: {}", path, identity.error().message));
  return Issued{.serial = SerialText(certificate->get()),
                .identity = std::move(*identity),
                .not_after_s = SecondsOf(X509_get0_notAfter(certificate->get()))};
}

}  // namespace

Expected<void> InitAuthority(const std::string& directory, const std::string& name, uint32_t days) {
  if (!settings::IsName(name)) {
    return Fail(fmt::format("the authority's name: expected {}", settings::NameRule()));
  }
  if (const auto good = CheckDays(days, kMaxAuthorityDays); !good) return unexpected(good.error());
  if (access(CertificatePath(directory).c_str(), F_OK) == 0) {
    return Fail(fmt::format("{}: exists; it is left alone", CertificatePath(directory)));
  }
  for (const std::string& folder : {directory, IssuedFolder(directory)}) {
    if (const auto made = MakeFolder(folder); !made) return unexpected(made.error());
  }
  auto key = NewKey();
  if (!key) return unexpected(key.error());
  auto certificate = NewAuthority(name, key->get(), ValidFor(days));
  if (!certificate) return unexpected(certificate.error());
  // The key first: a certificate without one would have to be removed by hand.
  if (const auto done = WriteKey(KeyPath(directory), key->get()); !done) {
    return unexpected(done.error());
  }
  const std::string pem = ToPem(certificate->get());
  const Authority authority{.certificate = std::move(*certificate), .key = std::move(*key)};
  if (const auto done = WriteCrl(directory, authority, {}); !done) return unexpected(done.error());
  return WriteNewFile(CertificatePath(directory), pem, kPublic);
}

Expected<Issued> IssueCertificate(const std::string& directory, const Identity& identity,
                                  uint32_t days, const std::string& out) {
  const std::string uri = ToString(identity);
  if (!ParseIdentity(uri)) return Fail(fmt::format("\"{}\" is no name for a certificate", uri));
  if (const auto good = CheckDays(days, kMaxCertificateDays); !good) {
    return unexpected(good.error());
  }
  const auto authority = ReadAuthority(directory);
  if (!authority) return unexpected(authority.error());
  const Validity validity = ValidFor(days);
  const int64_t end_s = SecondsOf(X509_get0_notAfter(authority->certificate.get()));
  if (validity.not_after_s > end_s) {
    return Fail(fmt::format("days: {}; the authority itself ends in {} days", days,
                            std::max<int64_t>(0, end_s - WallSeconds()) / kDaySeconds));
  }
  for (const char* end : {".crt", ".key"}) {
    if (access((out + end).c_str(), F_OK) == 0) {
      return Fail(fmt::format("{}{}: exists; it is left alone", out, end));
    }
  }
  const auto key = NewKey();
  if (!key) return unexpected(key.error());
  const auto certificate = NewCertificate(*authority, key->get(), uri, validity);
  if (!certificate) return unexpected(certificate.error());
  const std::string serial = SerialText(certificate->get());
  const std::string pem = ToPem(certificate->get());
  // Noted before it is given out: what is not noted can not be revoked.
  const std::string note = fmt::format("{}/{}.crt", IssuedFolder(directory), serial);
  if (const auto done = WriteNewFile(note, pem, kPublic); !done) return unexpected(done.error());
  if (const auto done = WriteKey(out + ".key", key->get()); !done) return unexpected(done.error());
  if (const auto done = WriteNewFile(out + ".crt", pem, kPublic); !done) {
    return unexpected(done.error());
  }
  return Issued{.serial = serial, .identity = identity, .not_after_s = validity.not_after_s};
}

Expected<std::vector<Issued>> ListCertificates(const std::string& directory) {
  const auto revocations = ReadRevocations(directory);
  if (!revocations) return unexpected(revocations.error());
  std::error_code error;
  std::vector<Issued> list;
  for (const auto& entry : std::filesystem::directory_iterator(IssuedFolder(directory), error)) {
    if (entry.path().extension() != ".crt") continue;
    if (list.size() >= kMaxIssued) {
      return Fail(fmt::format("{}: more than {} certificates", directory, kMaxIssued));
    }
    auto issued = ReadIssued(entry.path());
    if (!issued) return unexpected(issued.error());
    issued->revoked =
        std::ranges::find(*revocations, issued->serial, &Revocation::serial) != revocations->end();
    list.push_back(std::move(*issued));
  }
  if (error) return Fail(fmt::format("{}: {}", IssuedFolder(directory), error.message()));
  std::ranges::sort(list, {}, [](const Issued& issued) {
    return std::pair(ToString(issued.identity), issued.serial);
  });
  return list;
}

Expected<std::vector<Issued>> RevokeCertificates(const std::string& directory,
                                                 const Identity& identity) {
  const auto authority = ReadAuthority(directory);
  if (!authority) return unexpected(authority.error());
  auto list = ListCertificates(directory);
  if (!list) return unexpected(list.error());
  auto revocations = ReadRevocations(directory);
  if (!revocations) return unexpected(revocations.error());
  const std::string name = ToString(identity);
  const int64_t now = WallSeconds();
  std::vector<Issued> revoked;
  for (Issued& issued : *list) {
    if (issued.revoked || issued.not_after_s < now || ToString(issued.identity) != name) continue;
    issued.revoked = true;
    revocations->push_back({.serial = issued.serial, .revoked_at_s = now});
    revoked.push_back(std::move(issued));
  }
  if (revoked.empty()) return Fail(fmt::format("{} has no certificate that is valid", name));
  if (const auto done = WriteCrl(directory, *authority, *revocations); !done) {
    return unexpected(done.error());
  }
  return revoked;
}

}  // namespace joinery::api
