#include "api/net/credentials.h"

#include <cstdint>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <sys/stat.h>

#include "api/net/certificate.h"
#include "api/net/tls.h"
#include "crypto/wipe.h"
#include "settings/read_file.h"

namespace joinery::api {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;  // a CRL of some 15,000 certificates
constexpr mode_t kOthers = 077;

using ContextPtr = std::unique_ptr<SSL_CTX, OpenSslDeleter<SSL_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, OpenSslDeleter<BIO_free>>;

// The context's own share of the list, which its connections read in their handshakes.
using Share = std::shared_ptr<const Revoked>;

void FreeShare(void*, void* share, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Share*>(share);
}

int ShareIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeShare);
  return index;
}

// OpenSSL has checked the chain, its times and its purposes; this adds name and revocation, so that
// the peer is told by an alert.
int Verify(int good, X509_STORE_CTX* chain) {
  if (good != 1) return good;
  X509* certificate = X509_STORE_CTX_get_current_cert(chain);
  const auto* connection = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* share =
      static_cast<const Share*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), ShareIndex()));
  if ((*share)->contains(SerialBytes(X509_get0_serialNumber(certificate)))) {
    X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REVOKED);
    return 0;
  }
  if (X509_STORE_CTX_get_error_depth(chain) == 0 && !IdentityOf(certificate)) {
    X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  return 1;
}

Expected<std::string> ReadPem(const std::string& path, bool secret) {
  auto file = settings::ReadFile(path, kMaxPemBytes);
  if (!file) return Fail(fmt::format("{}: {}", path, file.error().message));
  if (secret && (file->mode & kOthers) != 0) {
    crypto::Wipe(file->bytes.data(), file->bytes.size());
    return Fail(fmt::format("{}: others may read it (mode {:04o}); chmod 600 mends that", path,
                            file->mode & 07777));
  }
  // The room for the longest file goes back; a secret is not copied for that.
  if (!secret) file->bytes.shrink_to_fit();
  return std::move(file->bytes);
}

// Certificate, chain and key, from memory: the files may be replaced at any time.
Expected<int64_t> UseCertificate(SSL_CTX* context, const CredentialFiles& files) {
  const auto pem = ReadPem(files.certificate, false);
  if (!pem) return unexpected(pem.error());
  const auto refuse = [&](const std::string& file, std::string_view why) {
    return Fail(fmt::format("{}: {}", file, why));
  };
  const auto own = ParseCertificate(*pem);
  if (!own) return refuse(files.certificate, own.error().message);
  if (const auto name = IdentityOf(own->get()); !name) {
    return refuse(files.certificate, name.error().message);
  }
  const BioPtr reader(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  const X509Ptr first(PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr));
  if (SSL_CTX_use_certificate(context, first.get()) != 1) {
    return refuse(files.certificate, TakeOpenSslError());
  }
  while (X509Ptr next{PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return refuse(files.certificate, TakeOpenSslError());
    }
  }
  ERR_clear_error();  // the end of the file

  auto key_pem = ReadPem(files.key, true);
  if (!key_pem) return unexpected(key_pem.error());
  const auto key = ParsePrivateKey(*key_pem);
  crypto::Wipe(key_pem->data(), key_pem->size());
  if (!key) return refuse(files.key, key.error().message);
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1) {
    return refuse(files.key,
                  fmt::format("not the key of {}: {}", files.certificate, TakeOpenSslError()));
  }
  return SecondsOf(X509_get0_notAfter(own->get()));
}

// All certificates of the file become trusted; gives the first one, who signs revocations.
Expected<X509Ptr> UseAuthority(SSL_CTX* context, const std::string& file, std::string_view pem) {
  auto first = ParseCertificate(pem);
  if (!first) return Fail(fmt::format("{}: {}", file, first.error().message));
  const BioPtr reader(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  while (X509Ptr next{PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)}) {
    if (X509_check_ca(next.get()) == 0) {
      return Fail(fmt::format("{}: holds a certificate that is no authority's", file));
    }
    X509_STORE_add_cert(store, next.get());
  }
  ERR_clear_error();  // the end of the file
  return first;
}

// A list that is past its next update still counts: refusing everybody would be worse.
Expected<Share> ReadRevoked(const std::string& file, X509* authority) {
  auto revoked = std::make_shared<Revoked>();
  if (file.empty()) return revoked;
  const auto pem = ReadPem(file, false);
  if (!pem) return unexpected(pem.error());
  const auto crl = ParseCrl(*pem);
  if (!crl) return Fail(fmt::format("{}: {}", file, crl.error().message));
  const EvpPkeyPtr key(X509_get_pubkey(authority));
  if (X509_CRL_verify(crl->get(), key.get()) != 1) {
    ERR_clear_error();
    return Fail(fmt::format("{}: not signed by the authority", file));
  }
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl->get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    revoked->insert(SerialBytes(X509_REVOKED_get0_serialNumber(entry)));
  }
  return revoked;
}

Expected<ContextPtr> NewContext() {
  ContextPtr context(SSL_CTX_new(TLS_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1) {
    return Fail(fmt::format("TLS 1.3: {}", TakeOpenSslError()));
  }
  SSL_CTX_set_security_level(context.get(), 2);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, Verify);
  return context;
}

std::string StateOf(const CredentialFiles& files) {
  std::string state;
  for (const std::string* file :
       {&files.certificate, &files.key, &files.authority, &files.revoked}) {
    struct stat is {};
    if (file->empty() || stat(file->c_str(), &is) != 0) {
      state += "none;";
      continue;
    }
    state += fmt::format("{}.{}.{}.{}.{};", is.st_ino, is.st_size, is.st_mtim.tv_sec,
                         is.st_mtim.tv_nsec, is.st_ctim.tv_nsec);
  }
  return state;
}

}  // namespace

Expected<std::unique_ptr<Credentials::Impl>> Credentials::Impl::Load(const CredentialFiles& files) {
  std::unique_ptr<Impl> impl(new Impl(files));
  if (const auto loaded = impl->Reload(); !loaded) return unexpected(loaded.error());
  return impl;
}

Expected<void> Credentials::Impl::Reload() {
  // Before they are read: what changes meanwhile is read again.
  std::string state = StateOf(files_);
  auto context = NewContext();
  if (!context) return unexpected(context.error());
  const auto not_after_s = UseCertificate(context->get(), files_);
  if (!not_after_s) return unexpected(not_after_s.error());
  auto authority = ReadPem(files_.authority, false);
  if (!authority) return unexpected(authority.error());
  const auto signer = UseAuthority(context->get(), files_.authority, *authority);
  if (!signer) return unexpected(signer.error());
  auto revoked = ReadRevoked(files_.revoked, signer->get());
  if (!revoked) return unexpected(revoked.error());
  SSL_CTX_set_ex_data(context->get(), ShareIndex(), new Share(*revoked));

  if (*authority != authority_) ++authority_generation_;
  state_ = std::move(state);
  authority_ = std::move(*authority);
  revoked_ = std::move(*revoked);
  not_after_s_ = *not_after_s;
  context_ = std::make_unique<asio::ssl::context>(context->release());
  return {};
}

bool Credentials::Impl::Changed() const { return StateOf(files_) != state_; }

bool Credentials::Impl::IsRevoked(const std::string& serial) const {
  return revoked_->contains(serial);
}

Expected<PeerCertificate> PeerOf(SSL* connection) {
  const X509* certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr) return Fail("no certificate");
  auto identity = IdentityOf(certificate);
  if (!identity) return unexpected(identity.error());
  return PeerCertificate{.identity = std::move(*identity),
                         .serial = SerialBytes(X509_get0_serialNumber(certificate)),
                         .not_after_s = SecondsOf(X509_get0_notAfter(certificate))};
}

Credentials::Credentials(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Credentials::~Credentials() = default;

Expected<std::shared_ptr<Credentials>> Credentials::Load(const CredentialFiles& files) {
  auto impl = Impl::Load(files);
  if (!impl) return unexpected(impl.error());
  return std::make_shared<Credentials>(std::move(*impl));
}

Expected<void> Credentials::Reload() { return impl_->Reload(); }

Expected<bool> Credentials::ReloadIfChanged() {
  if (!impl_->Changed()) return false;
  if (const auto done = impl_->Reload(); !done) return unexpected(done.error());
  return true;
}

int64_t Credentials::not_after_s() const noexcept { return impl_->not_after_s(); }

}  // namespace joinery::api
