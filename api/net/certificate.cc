#include "api/net/certificate.h"

#include <ctime>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace joinery::api {
namespace {

using BioPtr = std::unique_ptr<BIO, OpenSslDeleter<BIO_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, OpenSslDeleter<GENERAL_NAMES_free>>;

BioPtr Reader(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Keys with a passphrase are refused, not asked for.
int NoPassphrase(char*, int, int, void*) { return 0; }

std::string_view TextOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

}  // namespace

std::string TakeOpenSslError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : fmt::format("error {:#x}", code);
}

Expected<Identity> IdentityOf(const X509* certificate) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::optional<Identity> found;
  for (int i = 0; i < (names ? sk_GENERAL_NAME_num(names.get()) : 0); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const std::string_view uri = TextOf(name->d.uniformResourceIdentifier);
    if (!uri.starts_with("joinery:")) continue;
    const auto identity = ParseIdentity(uri);
    if (!identity) return Fail("the certificate names a joinery: URI that is no identity");
    if (found) return Fail("the certificate names more than one identity");
    found = identity;
  }
  if (!found) return Fail("the certificate names no identity (URI joinery:ROLE:NAME)");
  return *found;
}

std::string SerialBytes(const ASN1_INTEGER* serial) {
  std::string_view bytes = TextOf(serial);
  while (bytes.starts_with('\0')) bytes.remove_prefix(1);
  return std::string(bytes);
}

int64_t SecondsOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

Expected<X509Ptr> ParseCertificate(std::string_view pem) {
  X509Ptr certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (!certificate) return Fail(fmt::format("no certificate in PEM: {}", TakeOpenSslError()));
  return certificate;
}

Expected<X509CrlPtr> ParseCrl(std::string_view pem) {
  X509CrlPtr crl(PEM_read_bio_X509_CRL(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (!crl) return Fail(fmt::format("no revocation list in PEM: {}", TakeOpenSslError()));
  return crl;
}

Expected<EvpPkeyPtr> ParsePrivateKey(std::string_view pem) {
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (!key) {
    return Fail(fmt::format("no private key in PEM without a passphrase: {}", TakeOpenSslError()));
  }
  return key;
}

}  // namespace joinery::api
