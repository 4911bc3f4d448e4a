#include "api/net/testing.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "api/pki/pki.h"
#include "api/pki/sign.h"

namespace joinery::api {
namespace {

void Require(bool holds, std::string_view what) {
  if (holds) return;
  fmt::print(stderr, "the test's own means failed: {}: {}\n", what, std::strerror(errno));
  std::abort();
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  Require(chmod(path.c_str(), 0600) == 0, path);
}

}  // namespace

bool Eventually(Loop& loop, const std::function<bool()>& done, Nanoseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!loop.RunUntil(done, std::chrono::milliseconds(1))) {
    if (std::chrono::steady_clock::now() > end) return false;
  }
  return true;
}

void RaiseFileLimit() {
  rlimit limit{};
  Require(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  Require(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

TestFolder::TestFolder() {
  // Short, for the path of a Unix socket is.
  std::string pattern = "/tmp/joinery-api.XXXXXX";
  Require(mkdtemp(pattern.data()) != nullptr, pattern);
  path_ = pattern;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TestFolder::operator/(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

TestAuthority::TestAuthority() {
  const auto made = InitAuthority(directory(), "test", 2);
  Require(made.has_value(), made ? "" : made.error().message);
}

CredentialFiles TestAuthority::FilesAt(const std::string& stem) const {
  return {.certificate = stem + ".crt",
          .key = stem + ".key",
          .authority = directory() + "/ca.crt",
          .revoked = directory() + "/revoked.pem"};
}

namespace {

Identity IdentityOf(std::string_view uri) {
  const auto identity = ParseIdentity(uri);
  Require(identity.has_value(), uri);
  return identity.value_or(Identity{});
}

}  // namespace

CredentialFiles TestAuthority::Issue(std::string_view uri) {
  const std::string stem = folder_ / fmt::format("{}", next_++);
  const auto issued = IssueCertificate(directory(), IdentityOf(uri), 1, stem);
  Require(issued.has_value(), issued ? "" : issued.error().message);
  return FilesAt(stem);
}

CredentialFiles TestAuthority::IssueFor(std::string_view uri, int64_t from_s, int64_t to_s) {
  const std::string stem = folder_ / fmt::format("{}", next_++);
  const auto certificate = ParseCertificate(ReadAll(directory() + "/ca.crt"));
  auto key = ParsePrivateKey(ReadAll(directory() + "/ca.key"));
  auto own = NewKey();
  Require(certificate && key && own, "the authority");
  Authority authority{.certificate = X509Ptr(X509_dup(certificate->get())), .key = std::move(*key)};
  const auto now = static_cast<int64_t>(std::time(nullptr));
  const auto made = NewCertificate(authority, own->get(), std::string(uri),
                                   {.not_before_s = now + from_s, .not_after_s = now + to_s});
  Require(made.has_value(), "a certificate");
  Write(stem + ".crt", ToPem(made->get()));
  Write(stem + ".key", ToPem(own->get()));
  return FilesAt(stem);
}

std::shared_ptr<Credentials> TestAuthority::Credentialed(std::string_view uri) {
  auto loaded = Credentials::Load(Issue(uri));
  Require(loaded.has_value(), loaded ? "" : loaded.error().message);
  return std::move(*loaded);
}

void TestAuthority::Revoke(std::string_view uri) {
  const auto revoked = RevokeCertificates(directory(), IdentityOf(uri));
  Require(revoked.has_value(), revoked ? "" : revoked.error().message);
}

RawPeer RawPeer::ConnectUnix(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  Require(path.size() < sizeof address.sun_path, path);
  std::memcpy(address.sun_path, path.data(), path.size());
  Require(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, path);
  return RawPeer(fd);
}

RawPeer RawPeer::ConnectTcp(Port port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port.value());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return RawPeer(fd);
}

RawPeer::RawPeer(RawPeer&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      received_(std::move(other.received_)),
      ended_(other.ended_) {}

RawPeer::~RawPeer() { Close(); }

void RawPeer::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

size_t RawPeer::Send(std::string_view bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t got =
        send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (got <= 0) break;
    sent += static_cast<size_t>(got);
  }
  return sent;
}

const std::string& RawPeer::Received() {
  char bytes[65'536];
  while (fd_ >= 0 && !ended_) {
    const ssize_t got = recv(fd_, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      ended_ = true;
      break;
    }
    received_.append(bytes, static_cast<size_t>(got));
  }
  return received_;
}

bool RawPeer::Ended() {
  Received();
  return ended_;
}

}  // namespace joinery::api
