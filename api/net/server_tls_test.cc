// Mutual TLS: who gets in, who does not, and how each side learns it.
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "api/net/certificate.h"
#include "api/net/client.h"
#include "api/net/server.h"
#include "api/net/testing.h"

namespace joinery::api {
namespace {

using std::chrono::milliseconds;

class ServerTlsTest : public testing::Test {
 protected:
  void Start(const ServerLimits& limits = {}, std::string_view name = "joinery:control:c1") {
    credentials_ = authority_.Credentialed(name);
    server_ = std::make_unique<Server>(loop_, limits);
    server_->Route("GET", "/who", [](const Request& request, Responder responder) {
      responder.Send(JsonResponse(ToString(request.peer)));
    });
    server_->Route("GET", "/later", [this](const Request&, Responder responder) {
      kept_.push_back(std::move(responder));
    });
    const auto port = server_->Listen(TlsListener{
        .address = *IpAddress::Parse("127.0.0.1"), .port = Port(0), .credentials = credentials_});
    ASSERT_TRUE(port.has_value()) << port.error().message;
    port_ = *port;
  }
  [[nodiscard]] Endpoint At(std::shared_ptr<Credentials> credentials) const {
    return {.host = "127.0.0.1", .port = port_, .credentials = std::move(credentials)};
  }
  // The body of /who, or "error: " and why there is none.
  std::string Ask(Client& client, const std::string& target = "/who") {
    std::optional<Expected<Answer>> got;
    client.Send({.target = target}, [&](Expected<Answer> answer) { got = std::move(answer); });
    EXPECT_TRUE(Eventually(loop_, [&] { return got.has_value(); }));
    if (!got || !*got) return "error: " + (got ? got->error().message : "none");
    return (*got)->body;
  }
  std::string Ask(const std::shared_ptr<Credentials>& credentials) {
    Client client(loop_, At(credentials));
    return Ask(client);
  }
  static std::shared_ptr<Credentials> Load(const CredentialFiles& files) {
    auto loaded = Credentials::Load(files);
    EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().message);
    return loaded ? *loaded : nullptr;
  }

  TestAuthority authority_;
  Loop loop_;
  std::shared_ptr<Credentials> credentials_;
  std::vector<Responder> kept_;
  std::unique_ptr<Server> server_;
  Port port_;
};

TEST_F(ServerTlsTest, TheCertificateSaysWhoItIs) {
  Start();
  for (const char* name :
       {"joinery:agent:web/web1", "joinery:balancer:lb1", "joinery:operator:o"}) {
    EXPECT_EQ(Ask(authority_.Credentialed(name)), name);
  }
  EXPECT_EQ(server_->counters().handshake_failed, 0U);
}

struct IntruderRow {
  std::string_view name;
  CredentialFiles files;
  std::string_view error;  // a part of what the client learns
};

TEST_F(ServerTlsTest, WhoDoesNotBelongHereLearnsWhy) {
  Start();
  TestAuthority stranger;
  CredentialFiles foreign = stranger.Issue("joinery:agent:web/web1");
  foreign.authority = authority_.directory() + "/ca.crt";
  foreign.revoked.clear();
  const CredentialFiles revoked = authority_.Issue("joinery:agent:web/web2");
  authority_.Revoke("joinery:agent:web/web2");
  server_->CheckPeers();
  const IntruderRow rows[] = {
      {"another authority", foreign, "unknown ca"},
      {"expired", authority_.IssueFor("joinery:agent:web/web1", -86'400, -60),
       "certificate expired"},
      {"not yet valid", authority_.IssueFor("joinery:agent:web/web1", 3'600, 86'400),
       "bad certificate"},
      {"revoked", revoked, "certificate revoked"},
  };
  uint64_t failed = 0;
  for (const IntruderRow& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string answer = Ask(Load(row.files));
    EXPECT_TRUE(answer.starts_with("error: ")) << answer;
    EXPECT_NE(answer.find(row.error), std::string::npos) << answer;
    EXPECT_TRUE(
        Eventually(loop_, [&] { return server_->counters().handshake_failed == failed + 1; }));
    failed = server_->counters().handshake_failed;
  }
  EXPECT_EQ(server_->counters().requests, 0U);
  EXPECT_EQ(Ask(authority_.Credentialed("joinery:agent:web/web1")), "joinery:agent:web/web1");
}

// A certificate of the right authority without a name, or with two, is nobody's.
TEST_F(ServerTlsTest, ACertificateWithoutANameIsNobodys) {
  Start();
  for (const char* names :
       {"https://example", "joinery:agent:web", "joinery:agent:web/a,URI:joinery:agent:web/b"}) {
    SCOPED_TRACE(names);
    const auto loaded = Credentials::Load(authority_.IssueFor(names, -60, 3'600));
    ASSERT_FALSE(loaded.has_value());
    EXPECT_NE(loaded.error().message.find("identit"), std::string::npos) << loaded.error().message;
  }
}

TEST_F(ServerTlsTest, TheServerShowsWhoItIsToo) {
  Start({}, "joinery:agent:web/web9");
  const std::string answer = Ask(authority_.Credentialed("joinery:agent:web/web1"));
  EXPECT_NE(answer.find("its certificate names joinery:agent:web/web9, which is another role"),
            std::string::npos)
      << answer;
}

TEST_F(ServerTlsTest, AServerOfAnotherAuthorityIsNotBelieved) {
  Start();
  TestAuthority stranger;
  CredentialFiles files = authority_.Issue("joinery:agent:web/web1");
  files.authority = stranger.directory() + "/ca.crt";
  files.revoked.clear();
  EXPECT_NE(Ask(Load(files)).find("certificate verify failed"), std::string::npos);
}

// The handshake of a client that does as it is told, in a thread of its own.
struct Handshake {
  bool done = false;
  std::string error{};
};

Handshake Try(int fd, const CredentialFiles* files, int max_version) {
  const std::unique_ptr<SSL_CTX, OpenSslDeleter<SSL_CTX_free>> context(
      SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  if (files != nullptr) {
    SSL_CTX_use_certificate_file(context.get(), files->certificate.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), files->key.c_str(), SSL_FILETYPE_PEM);
  }
  const std::unique_ptr<SSL, OpenSslDeleter<SSL_free>> connection(SSL_new(context.get()));
  SSL_set_fd(connection.get(), fd);
  char byte = 0;
  // In TLS 1.3 a client learns of its certificate's refusal when it reads.
  Handshake result;
  result.done = SSL_connect(connection.get()) == 1 &&
                SSL_write(connection.get(), "GET /who HTTP/1.1\r\n\r\n", 21) == 21 &&
                SSL_read(connection.get(), &byte, 1) == 1;
  if (!result.done) result.error = TakeOpenSslError();
  return result;
}

TEST_F(ServerTlsTest, OldVersionsAndNamelessPeersAreRefused) {
  Start();
  const CredentialFiles files = authority_.Issue("joinery:agent:web/web1");
  const auto run = [&](const CredentialFiles* shown, int max_version) {
    const RawPeer peer = RawPeer::ConnectTcp(port_);
    Handshake result;
    bool over = false;
    std::thread client([&, fd = peer.fd()] {
      result = Try(fd, shown, max_version);
      loop_.Post([&] { over = true; });
    });
    EXPECT_TRUE(Eventually(loop_, [&] { return over; }));
    client.join();
    return result;
  };
  EXPECT_TRUE(run(&files, TLS1_3_VERSION).done);
  const Handshake old = run(&files, TLS1_2_VERSION);
  EXPECT_FALSE(old.done);
  EXPECT_NE(old.error.find("protocol version"), std::string::npos) << old.error;
  const Handshake nameless = run(nullptr, TLS1_3_VERSION);
  EXPECT_FALSE(nameless.done);
  EXPECT_NE(nameless.error.find("certificate required"), std::string::npos) << nameless.error;
  // The client may know before the server has counted.
  EXPECT_TRUE(Eventually(loop_, [&] { return server_->counters().handshake_failed == 2U; }));
}

TEST_F(ServerTlsTest, PlainTextAndSilenceAreNotAnswered) {
  Start({.handshake = milliseconds(50)});
  RawPeer plain = RawPeer::ConnectTcp(port_);
  plain.Send("GET /who HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(Eventually(loop_, [&] { return plain.Ended(); }));
  EXPECT_EQ(server_->counters().handshake_failed, 1U);
  RawPeer silent = RawPeer::ConnectTcp(port_);
  EXPECT_TRUE(Eventually(loop_, [&] { return silent.Ended(); }));
  EXPECT_EQ(server_->counters().handshake_late, 1U);
}

// Handshakes beyond the limit wait; they are not refused.
TEST_F(ServerTlsTest, HandshakesTakeTurns) {
  Start({.handshakes = 1});
  const auto credentials = authority_.Credentialed("joinery:agent:web/web1");
  RawPeer silent = RawPeer::ConnectTcp(port_);
  ASSERT_TRUE(Eventually(loop_, [&] { return server_->counters().handshake_waits == 1; }));
  Client client(loop_, At(credentials));
  std::optional<Expected<Answer>> got;
  client.Send({.target = "/who"}, [&](Expected<Answer> answer) { got = std::move(answer); });
  silent.Close();
  ASSERT_TRUE(Eventually(loop_, [&] { return got.has_value(); }));
  EXPECT_TRUE(got->has_value()) << got->error().message;
}

TEST_F(ServerTlsTest, ARevocationEndsWhatIsConnected) {
  Start();
  Client out(loop_, At(authority_.Credentialed("joinery:agent:web/web1")));
  Client in(loop_, At(authority_.Credentialed("joinery:agent:web/web2")));
  EXPECT_EQ(Ask(out), "joinery:agent:web/web1");
  EXPECT_EQ(Ask(in), "joinery:agent:web/web2");
  authority_.Revoke("joinery:agent:web/web1");
  // The server looks at the files by itself.
  ASSERT_TRUE(Eventually(loop_, [&] { return server_->counters().revoked == 1; }));
  EXPECT_NE(Ask(out).find("certificate revoked"), std::string::npos);
  EXPECT_EQ(Ask(in), "joinery:agent:web/web2");
}

TEST_F(ServerTlsTest, ACertificateThatEndsEndsItsConnection) {
  Start();
  const auto credentials = authority_.Credentialed("joinery:agent:web/web1");
  Client client(loop_, At(credentials));
  EXPECT_EQ(Ask(client), "joinery:agent:web/web1");
  server_->CheckPeersAt(credentials->not_after_s());
  EXPECT_EQ(server_->counters().revoked, 0U);
  server_->CheckPeersAt(credentials->not_after_s() + 1);
  EXPECT_EQ(server_->counters().revoked, 1U);
  EXPECT_TRUE(Eventually(loop_, [&] { return server_->connections() == 0; }));
}

TEST_F(ServerTlsTest, RenewedFilesAreUsedAndBrokenOnesAreNot) {
  Start();
  const auto agent = authority_.Credentialed("joinery:agent:web/web1");
  CredentialFiles files = authority_.Issue("joinery:control:c2");
  const auto own = Load(files);
  // Half a file, as a copy under way leaves it.
  std::filesystem::resize_file(files.certificate, 100);
  const auto broken = own->ReloadIfChanged();
  ASSERT_FALSE(broken.has_value());
  EXPECT_NE(broken.error().message.find(files.certificate), std::string::npos);
  const CredentialFiles renewed = authority_.Issue("joinery:control:c2");
  std::filesystem::rename(renewed.key, files.key);
  std::filesystem::rename(renewed.certificate, files.certificate);
  EXPECT_EQ(own->ReloadIfChanged(), true);
  EXPECT_EQ(own->ReloadIfChanged(), false);
}

TEST_F(ServerTlsTest, WhoVanishesWhileItWaitsIsNoticed) {
  Start();
  const auto credentials = authority_.Credentialed("joinery:agent:web/web1");
  auto client = std::make_unique<Client>(loop_, At(credentials));
  client->Send({.target = "/later"}, [](const Expected<Answer>&) { FAIL() << "it was stopped"; });
  ASSERT_TRUE(Eventually(loop_, [&] { return server_->waiting() == 1; }));
  client.reset();
  EXPECT_TRUE(Eventually(loop_, [&] { return server_->connections() == 0; }));
  EXPECT_EQ(server_->counters().gone, 1U);
}

}  // namespace
}  // namespace joinery::api
