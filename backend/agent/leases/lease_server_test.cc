// Server, client and the C interface together, over a real socket.
#include "backend/agent/leases/lease_server.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <set>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tokenmap/lease_client.h"
#include "tokenmap/tokenmap.h"

namespace joinery::agent {
namespace {

using tokenmap::LeaseClient;
using tokenmap::LeaseError;
using tokenmap::LeaseKind;
using tokenmap::RefusalReason;
using namespace std::chrono_literals;

constexpr auto kPatience = 20s;

EncodeUnder Under(uint64_t serial, uint8_t codepoint) {
  return {.scheme = tokenmap::Scheme::Create(tokenmap::Algorithm::kFf1, PoolId(7), 2, 4).value(),
          .id = BackendId(5),
          .generation = {.codepoint = Codepoint(codepoint),
                         .serial = Serial(serial),
                         .key = crypto::Key128::Bytes{static_cast<uint8_t>(serial)}}};
}

// A clock that the test turns while the server's thread reads it.
class TestClock final : public Clock {
 public:
  [[nodiscard]] Instant Now() const noexcept override { return Instant{} + now_.load(); }
  void Advance(Nanoseconds by) noexcept { now_ = now_.load() + by; }

 private:
  std::atomic<Nanoseconds> now_{Nanoseconds(0)};
};

// A server in a thread of its own.
class LeaseServerTest : public testing::Test {
 protected:
  void SetUp() override {
    // Not testing::TempDir(): a socket's name is at most 107 bytes.
    std::string directory = "/tmp/joinery-leases-XXXXXX";
    directory_ = mkdtemp(directory.data());
    path_ = directory_ + "/leases.sock";
    Start({});
  }
  void TearDown() override {
    Stop();
    std::filesystem::remove_all(directory_);
  }

  void Start(const std::vector<KeptLease>& kept, std::vector<uint32_t> uids = {getuid()}) {
    loop_ = std::make_unique<api::Loop>();
    book_ = std::make_unique<LeaseBook>(LeaseLimits{.quota = 300}, clock_, random_, kept);
    ASSERT_TRUE(book_->Use(Under(1, 0)));
    auto server = LeaseServer::Listen(*loop_, {.path = path_, .uids = std::move(uids)}, *book_,
                                      clock_, [this](const auto& leases) { return Keep(leases); });
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
    thread_ = std::thread([this] { loop_->Run(); });
  }
  void Stop() {
    if (!thread_.joinable()) return;
    loop_->Stop();
    thread_.join();
    server_.reset();
    book_.reset();
    loop_.reset();
  }
  Expected<void> Keep(const std::vector<KeptLease>& leases) {
    if (disk_full_) return Fail("no space");
    kept_ = leases;
    return {};
  }
  // Runs it in the server's thread, and waits for it.
  template <typename Function>
  auto InLoop(Function function) {
    std::packaged_task<decltype(function())()> task(function);
    auto done = task.get_future();
    loop_->Post([&task] { task(); });
    return done.get();
  }
  std::map<Serial, uint32_t> InUse() {
    return InLoop([this] { return book_->InUse(); });
  }
  // Until it holds, at most kPatience.
  template <typename Predicate>
  static bool Eventually(Predicate predicate) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!predicate()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  // What the book says once the server has read what was sent.
  bool Holds(const std::map<Serial, uint32_t>& expected) {
    return Eventually([&] { return InUse() == expected; });
  }
  std::unique_ptr<LeaseClient> Client(LeaseKind kind = LeaseKind::kTokens) {
    auto client = LeaseClient::Open(path_, kind, kPatience);
    EXPECT_TRUE(client) << client.error().text;
    return client ? *std::move(client) : nullptr;
  }
  // A connection that says what no client of ours would.
  int RawConnection() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }
  // All that comes until the server closes.
  static std::vector<tokenmap::LeaseMessage> ReadAll(int fd) {
    std::vector<tokenmap::LeaseMessage> messages;
    tokenmap::FrameReader reader;
    std::array<uint8_t, 4096> bytes;
    for (ssize_t n; (n = recv(fd, bytes.data(), bytes.size(), 0)) > 0;) {
      reader.Add(std::span(bytes).first(static_cast<size_t>(n)));
      for (auto frame = reader.Next(); frame && *frame; frame = reader.Next()) {
        messages.push_back(tokenmap::ParseFrame(**frame).value());
      }
    }
    close(fd);
    return messages;
  }
  static void SendBytes(int fd, const std::vector<uint8_t>& bytes) {
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  std::string directory_;
  std::string path_;
  TestClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<api::Loop> loop_;
  std::unique_ptr<LeaseBook> book_;
  std::unique_ptr<LeaseServer> server_;
  std::thread thread_;
  std::vector<KeptLease> kept_;
  std::atomic<bool> disk_full_ = false;
};

TEST_F(LeaseServerTest, GivesTokensAndTakesThemBack) {
  auto client = Client();
  std::set<Token> all;
  for (int i = 0; i < 100; ++i) {
    const auto next = client->Next();
    ASSERT_TRUE(next) << next.error().text;
    EXPECT_TRUE(all.insert(next->token).second);
  }
  EXPECT_EQ(client->in_use(), 100U);
  EXPECT_EQ(InUse(), (std::map<Serial, uint32_t>{{Serial(1), 128}})) << "two blocks";
  for (const Token token : all) EXPECT_TRUE(client->Release(token));
  EXPECT_FALSE(client->Release(*all.begin())) << "twice";
  ASSERT_TRUE(client->Poll());
  EXPECT_TRUE(Holds({{Serial(1), 28}})) << "what it has ahead";
  client.reset();
  EXPECT_TRUE(Eventually([this] { return InUse().empty(); })) << "closing gives all back";
}

TEST_F(LeaseServerTest, GivesKeys) {
  auto client = Client(LeaseKind::kKeys);
  const auto next = client->Next();
  ASSERT_TRUE(next) << next.error().text;
  EXPECT_NE(next->key, 0U);
}

TEST_F(LeaseServerTest, KeepsLeasesBeforeItGivesThem) {
  auto client = Client();
  disk_full_ = true;
  const auto refused = client->Next();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, RefusalReason::kNoScheme);
  EXPECT_TRUE(InUse().empty());
  disk_full_ = false;
  ASSERT_TRUE(client->Next());
  EXPECT_EQ(InLoop([this] { return kept_.at(0).held.at(Serial(1)).size(); }), 64U);
}

TEST_F(LeaseServerTest, TakesBackWhatIsStale) {
  auto client = Client();
  const auto used = client->Next();
  ASSERT_TRUE(used);
  InLoop([this] {
    EXPECT_TRUE(book_->Use(Under(2, 1)));
    server_->GenerationChanged();
    return 0;
  });
  ASSERT_TRUE(client->Poll());
  EXPECT_TRUE(Holds({{Serial(1), 1}})) << "the one in use";
  const auto next = client->Next();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->token.value() >> 30, 1U) << "the new codepoint";
  ASSERT_TRUE(client->Release(used->token));
  ASSERT_TRUE(client->Poll());
  EXPECT_TRUE(Holds({{Serial(2), 64}}));
}

TEST_F(LeaseServerTest, LetsAClientComeBackToARestartedAgent) {
  auto client = Client();
  const auto used = client->Next();
  const auto released = client->Next();
  ASSERT_TRUE(used && released);
  const auto kept = InLoop([this] { return kept_; });
  Stop();
  ASSERT_TRUE(client->Release(released->token));
  EXPECT_FALSE(client->Poll()) << "nobody is there";
  EXPECT_TRUE(client->Next()) << "what it has ahead stays good";
  Start(kept);
  ASSERT_TRUE(Eventually([&] { return client->Poll().has_value(); }));
  EXPECT_TRUE(Holds({{Serial(1), 63}})) << "what was released meanwhile is not held";
}

TEST_F(LeaseServerTest, BeginsAnewWhenTheLeaseHasEnded) {
  auto client = Client();
  const auto used = client->Next();
  ASSERT_TRUE(used);
  Stop();
  Start({});  // an agent that forgot everything
  ASSERT_TRUE(Eventually([&] { return client->Poll().has_value(); }));
  const auto next = client->Next();
  ASSERT_TRUE(next) << next.error().text;
  EXPECT_EQ(client->in_use(), 2U);
  EXPECT_TRUE(client->Release(used->token)) << "of the lease that has ended";
  EXPECT_EQ(InUse(), (std::map<Serial, uint32_t>{{Serial(1), 64}}));
}

TEST_F(LeaseServerTest, SaysWhyItRefuses) {
  InLoop([this] {
    EXPECT_TRUE(book_->Use(std::nullopt));
    return 0;
  });
  EXPECT_EQ(Client()->Next().error().reason, RefusalReason::kNoScheme);
  InLoop([this] {
    EXPECT_TRUE(book_->Use(Under(1, 0)));
    return 0;
  });
  auto client = Client();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(client->Next()) << i;
  EXPECT_EQ(client->Next().error().reason, RefusalReason::kQuota);
}

TEST_F(LeaseServerTest, LetsOnlyListedUsersIn) {
  Stop();
  Start({}, {getuid() + 1});
  const auto client = LeaseClient::Open(path_, LeaseKind::kTokens, kPatience);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, LeaseError::Kind::kRefused);
  EXPECT_EQ(client.error().reason, RefusalReason::kNotAllowed);
}

TEST_F(LeaseServerTest, ClosesOnWhatItDoesNotUnderstand) {
  struct Row {
    const char* name;
    std::vector<uint8_t> bytes;
  };
  const std::vector<uint8_t> hello = EmitFrame(tokenmap::Hello{});
  const auto with_hello = [&hello](const std::vector<uint8_t>& more) {
    std::vector<uint8_t> bytes = hello;
    bytes.insert(bytes.end(), more.begin(), more.end());
    return bytes;
  };
  const Row rows[] = {
      {.name = "a frame of 4 GiB", .bytes = {0xff, 0xff, 0xff, 0xff, 1}},
      {.name = "a frame of nothing", .bytes = {0, 0, 0, 0}},
      {.name = "text", .bytes = {'G', 'E', 'T', ' ', '/', ' '}},
      {.name = "want before hello", .bytes = EmitFrame(tokenmap::Want{1})},
      {.name = "hello twice", .bytes = with_hello(hello)},
      {.name = "holds without resuming", .bytes = with_hello(EmitFrame(tokenmap::Holds{}))},
      {.name = "an agent's message", .bytes = with_hello(EmitFrame(tokenmap::Welcome{}))},
      {.name = "release of what it has not",
       .bytes = with_hello(EmitFrame(tokenmap::Release{{Token(1)}}))},
  };
  for (const Row& row : rows) {
    const int fd = RawConnection();
    SendBytes(fd, row.bytes);
    const auto said = ReadAll(fd);
    ASSERT_FALSE(said.empty()) << row.name;
    const auto* refused = std::get_if<tokenmap::Refused>(&said.back());
    ASSERT_NE(refused, nullptr) << row.name;
    EXPECT_EQ(refused->reason, RefusalReason::kProtocol) << row.name;
  }
  EXPECT_TRUE(Client()->Next()) << "others go on";
}

TEST_F(LeaseServerTest, ClosesOnSilence) {
  const int fd = RawConnection();
  ASSERT_TRUE(
      Eventually([this] { return InLoop([this] { return server_->connections(); }) == 1; }));
  clock_.Advance(LeaseServer::kHelloTime);
  InLoop([this] {
    server_->Tick();
    return 0;
  });
  EXPECT_TRUE(ReadAll(fd).empty());
  EXPECT_EQ(InLoop([this] { return server_->counters().silent; }), 1U);
}

TEST_F(LeaseServerTest, EndsLeasesOfThoseWhoAreGone) {
  const int fd = RawConnection();
  SendBytes(fd, EmitFrame(tokenmap::Hello{}));
  SendBytes(fd, EmitFrame(tokenmap::Want{10}));
  ASSERT_TRUE(Eventually([this] { return !InUse().empty(); }));
  close(fd);
  ASSERT_TRUE(
      Eventually([this] { return InLoop([this] { return server_->connections(); }) == 0; }));
  EXPECT_FALSE(InUse().empty());
  clock_.Advance(LeaseBook::kLinger);
  InLoop([this] {
    server_->Tick();
    return 0;
  });
  EXPECT_TRUE(InUse().empty());
  EXPECT_TRUE(InLoop([this] { return kept_.empty(); }));
}

// Asks and does not read.
TEST_F(LeaseServerTest, DropsASlowReader) {
  const int fd = RawConnection();
  SendBytes(fd, EmitFrame(tokenmap::Hello{}));
  const auto want = EmitFrame(tokenmap::Want{tokenmap::kMaxBlock});
  const auto dropped = [this] { return InLoop([this] { return server_->counters().slow; }) > 0; };
  EXPECT_TRUE(Eventually([&] {
    static_cast<void>(send(fd, want.data(), want.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    return dropped();
  }));
  close(fd);
}

TEST_F(LeaseServerTest, TakesTheSocketOfADeadAgentOnly) {
  api::Loop other;
  const auto second = LeaseServer::Listen(other, {.path = path_, .uids = {}}, *book_, clock_,
                                          [](const auto&) { return Expected<void>(); });
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another agent"), std::string::npos);
}

// What the example in C prints.
TEST_F(LeaseServerTest, ServesTheExampleInC) {
  const std::string program = "tokenmap/tokenmap_example";
  for (const char* kind : {"tokens", "keys"}) {
    const std::string command = program + " " + path_ + " " + kind + " 70";
    FILE* output = popen(command.c_str(), "r");
    ASSERT_NE(output, nullptr);
    size_t lines = 0;
    std::string last;
    for (std::array<char, 256> line; std::fgets(line.data(), line.size(), output) != nullptr;) {
      ++lines;
      last = line.data();
    }
    EXPECT_EQ(pclose(output), 0);
    EXPECT_EQ(lines, 71U);
    EXPECT_EQ(last, "in use 70\n");
    EXPECT_TRUE(Eventually([this] { return InUse().empty(); }));
  }
}

TEST(TokenmapC, RefusesNonsense) {
  joinery_tokenmap* map = nullptr;
  EXPECT_EQ(joinery_tokenmap_open(nullptr, JOINERY_TOKENS, 100, &map), JOINERY_INVALID);
  EXPECT_EQ(joinery_tokenmap_open("/nowhere", 3, 100, &map), JOINERY_INVALID);
  EXPECT_EQ(joinery_tokenmap_open("/nowhere", JOINERY_KEYS, 100, nullptr), JOINERY_INVALID);
  EXPECT_EQ(joinery_tokenmap_open("/nowhere", JOINERY_KEYS, 100, &map), JOINERY_NO_AGENT);
  EXPECT_EQ(map, nullptr);
  const std::string long_path(200, 'x');
  EXPECT_EQ(joinery_tokenmap_open(long_path.c_str(), JOINERY_KEYS, 100, &map), JOINERY_INVALID);
  uint32_t token = 0;
  EXPECT_EQ(joinery_tokenmap_next_token(nullptr, &token), JOINERY_INVALID);
  EXPECT_EQ(joinery_tokenmap_release(nullptr, 1), JOINERY_INVALID);
  EXPECT_EQ(joinery_tokenmap_poll(nullptr), JOINERY_INVALID);
  EXPECT_EQ(joinery_tokenmap_fd(nullptr), -1);
  joinery_tokenmap_close(nullptr);
}

}  // namespace
}  // namespace joinery::agent
