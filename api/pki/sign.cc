#include "api/pki/sign.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "crypto/wipe.h"

namespace joinery::api {
namespace {

constexpr int kSerialBytes = 16;  // RFC 5280 section 4.1.2.2: at most 20

using BioPtr = std::unique_ptr<BIO, OpenSslDeleter<BIO_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpenSslDeleter<BN_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpenSslDeleter<X509_EXTENSION_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, OpenSslDeleter<ASN1_INTEGER_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, OpenSslDeleter<ASN1_TIME_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, OpenSslDeleter<X509_REVOKED_free>>;

tl::unexpected<Error> FailIn(std::string_view what) {
  return Fail(fmt::format("{}: {}", what, TakeOpenSslError()));
}

// Positive, not zero, and never met again.
bool SetRandomSerial(X509* certificate) {
  uint8_t bytes[kSerialBytes];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = static_cast<uint8_t>((bytes[0] & 0x7f) | 0x40);
  const BignumPtr number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetName(X509_NAME* name, const std::string& common_name) {
  return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const uint8_t*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

struct Extension {
  int nid;
  std::string value;
};

bool AddExtensions(X509* certificate, X509* issuer, const std::vector<Extension>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const Extension& wanted : extensions) {
    const ExtensionPtr extension(
        X509V3_EXT_conf_nid(nullptr, &context, wanted.nid, wanted.value.c_str()));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return true;
}

bool SetBasics(X509* certificate, EVP_PKEY* key, const Validity& validity) {
  return X509_set_version(certificate, X509_VERSION_3) == 1 && SetRandomSerial(certificate) &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), validity.not_before_s) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), validity.not_after_s) != nullptr &&
         X509_set_pubkey(certificate, key) == 1;
}

// What `write` puts into memory.
template <typename Write>
std::string Text(const Write& write) {
  const BioPtr memory(BIO_new(BIO_s_secmem()));
  write(memory.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

}  // namespace

Expected<EvpPkeyPtr> NewKey() {
  EvpPkeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return FailIn("a key");
  return key;
}

Expected<X509Ptr> NewAuthority(const std::string& name, EVP_PKEY* key, const Validity& validity) {
  X509Ptr certificate(X509_new());
  X509* made = certificate.get();
  const bool done = SetBasics(made, key, validity) && SetName(X509_get_subject_name(made), name) &&
                    X509_set_issuer_name(made, X509_get_subject_name(made)) == 1 &&
                    AddExtensions(made, made,
                                  {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                   {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                   {NID_subject_key_identifier, "hash"}}) &&
                    X509_sign(made, key, EVP_sha256()) > 0;
  if (!done) return FailIn("an authority's certificate");
  return certificate;
}

Expected<X509Ptr> NewCertificate(const Authority& authority, EVP_PKEY* key, const std::string& uri,
                                 const Validity& validity) {
  X509Ptr certificate(X509_new());
  X509* made = certificate.get();
  X509* issuer = authority.certificate.get();
  // A common name has at most 64 characters, and the URI is what counts.
  const bool done = SetBasics(made, key, validity) &&
                    SetName(X509_get_subject_name(made), uri.substr(0, 64)) &&
                    X509_set_issuer_name(made, X509_get_subject_name(issuer)) == 1 &&
                    AddExtensions(made, issuer,
                                  {{NID_basic_constraints, "critical,CA:FALSE"},
                                   {NID_key_usage, "critical,digitalSignature"},
                                   {NID_ext_key_usage, "clientAuth,serverAuth"},
                                   {NID_subject_key_identifier, "hash"},
                                   {NID_authority_key_identifier, "keyid"},
                                   {NID_subject_alt_name, "URI:" + uri}}) &&
                    X509_sign(made, authority.key.get(), EVP_sha256()) > 0;
  if (!done) return FailIn("a certificate");
  return certificate;
}

Expected<X509CrlPtr> NewCrl(const Authority& authority, const std::vector<Revocation>& revocations,
                            const Validity& validity) {
  X509CrlPtr crl(X509_CRL_new());
  X509_CRL* made = crl.get();
  const TimePtr from(ASN1_TIME_set(nullptr, validity.not_before_s));
  const TimePtr until(ASN1_TIME_set(nullptr, validity.not_after_s));
  bool done =
      X509_CRL_set_version(made, X509_CRL_VERSION_2) == 1 &&
      X509_CRL_set_issuer_name(made, X509_get_subject_name(authority.certificate.get())) == 1 &&
      X509_CRL_set1_lastUpdate(made, from.get()) == 1 &&
      X509_CRL_set1_nextUpdate(made, until.get()) == 1;
  for (const Revocation& revocation : revocations) {
    BIGNUM* parsed = nullptr;
    BN_hex2bn(&parsed, revocation.serial.c_str());
    const BignumPtr number(parsed);
    const IntegerPtr serial(BN_to_ASN1_INTEGER(number.get(), nullptr));
    const TimePtr at(ASN1_TIME_set(nullptr, revocation.revoked_at_s));
    RevokedPtr entry(X509_REVOKED_new());
    done = done && X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1 &&
           X509_REVOKED_set_revocationDate(entry.get(), at.get()) == 1 &&
           X509_CRL_add0_revoked(made, entry.get()) == 1;
    if (done) static_cast<void>(entry.release());  // the list's now
  }
  done = done && X509_CRL_sort(made) == 1 &&
         X509_CRL_sign(made, authority.key.get(), EVP_sha256()) > 0;
  if (!done) return FailIn("a revocation list");
  return crl;
}

std::string ToPem(const X509* certificate) {
  return Text([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
}

std::string ToPem(const X509_CRL* crl) {
  return Text([&](BIO* out) { PEM_write_bio_X509_CRL(out, crl); });
}

std::string ToPem(const EVP_PKEY* key) {
  return Text(
      [&](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string SerialText(const X509* certificate) {
  const std::string bytes = SerialBytes(X509_get0_serialNumber(certificate));
  return ToHex({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace joinery::api
