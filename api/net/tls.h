// TLS 1.3 (RFC 8446) with certificates on both sides, by OpenSSL: the context that Credentials
// hold, and what a connection's peer has shown. Sessions are not resumed, so that each connection
// shows its certificate and each is checked against the revocations.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <openssl/ssl.h>

#include "api/net/asio.h"
#include "api/net/credentials.h"
#include "api/net/identity.h"

namespace joinery::api {

using TlsSocket = asio::ssl::stream<Socket>;

// Serial numbers that the authority has revoked: big-endian bytes.
using Revoked = std::set<std::string, std::less<>>;

class Credentials::Impl {
 public:
  [[nodiscard]] static Expected<std::unique_ptr<Impl>> Load(const CredentialFiles& files);
  [[nodiscard]] Expected<void> Reload();
  [[nodiscard]] bool Changed() const;

  // For new connections; they keep what of it they need.
  [[nodiscard]] asio::ssl::context& context() noexcept { return *context_; }
  [[nodiscard]] bool IsRevoked(const std::string& serial) const;
  // Grows when the authority becomes another: what it vouched for before is to be shown again.
  [[nodiscard]] uint64_t authority_generation() const noexcept { return authority_generation_; }
  [[nodiscard]] int64_t not_after_s() const noexcept { return not_after_s_; }

 private:
  explicit Impl(CredentialFiles files) : files_(std::move(files)) {}

  CredentialFiles files_;
  std::string state_;      // of the files as they were read: times, sizes, inodes
  std::string authority_;  // the bytes of that file
  std::shared_ptr<const Revoked> revoked_;
  std::unique_ptr<asio::ssl::context> context_;
  uint64_t authority_generation_ = 0;
  int64_t not_after_s_ = 0;
};

struct PeerCertificate {
  Identity identity;
  std::string serial;  // big-endian bytes
  int64_t not_after_s = 0;
};

// After the handshake.
[[nodiscard]] Expected<PeerCertificate> PeerOf(SSL* connection);

}  // namespace joinery::api
