#include "lb/explain/offline.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "api/balancer_view_json.h"
#include "api/digest.h"
#include "lb/explain/explain.h"
#include "lb/explain/question.h"
#include "lb/follow/last_good.h"

namespace joinery::explain {
namespace {

namespace fs = std::filesystem;

constexpr api::Position kAt{.epoch = 2, .version = 5};
constexpr const char* kBalancer =
    "balancer:\n"
    "  ports: [{name: lan, device: net_null0, addresses: [198.18.0.1/24]}]\n";

// A view with one pool, whose only backend is where `backend` says.
void StoreView(const std::string& folder, const char* backend) {
  api::PoolScheme pool;
  pool.name = "web";
  pool.id = PoolId(1);
  pool.table_size = 251;
  pool.vips.push_back({.address = *IpAddress::Parse("198.18.1.1"),
                       .protocol = 6,
                       .ports = {PortRange::One(Port(80))}});
  pool.generations = {{.codepoint = Codepoint(0),
                       .serial = Serial(1),
                       .state = settings::GenerationState::kActive,
                       .key = crypto::Key128::Bytes{7}}};
  pool.last_serial = Serial(1);
  pool.members = {{.id = BackendId(3), .name = "b3", .address = *IpAddress::Parse(backend)}};
  const std::string scheme = api::ToJson(api::SchemePart{.at = kAt, .pools = {pool}});
  const std::string load = api::ToJson(api::LoadPart{
      .at = kAt, .scheme = kAt, .pools = {{.id = PoolId(1), .members = {{.id = BackendId(3)}}}}});
  const auto disk = follow::LastGood::Open(folder);
  ASSERT_TRUE(disk) << disk.error().message;
  ASSERT_TRUE(disk->Store(follow::Kind::kScheme, {kAt, api::DigestOf(scheme)}, scheme));
  ASSERT_TRUE(disk->Store(follow::Kind::kLoad, {kAt, api::DigestOf(load)}, load));
}

class OfflineTest : public testing::Test {
 protected:
  OfflineTest() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~OfflineTest() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return path;
  }
  std::string Static() const {
    Write("hash.key", "000102030405060708090a0b0c0d0e0f\n");
    return Write("static.yaml", std::string(kBalancer) +
                                    "pools:\n  - name: web\n    id: 1\n    handshake: none\n"
                                    "    hash_secret_file: hash.key\n    table_size: 251\n"
                                    "    vips: [{address: 198.18.1.1, ports: [80]}]\n"
                                    "    backends: [{name: b1, id: 1, address: 198.18.0.11}]\n");
  }
  std::string Following() const {
    return Write("following.yaml",
                 std::string(kBalancer) +
                     "control: {unix: /run/joinery/control.sock, state_dir: " + view_ + "}\n");
  }
  static std::string Ask(const Offline& offline) {
    const auto snapshot = ReadSnapshot(offline);
    if (!snapshot) return snapshot.error().message;
    const Parameter flow[] = {{"source", "198.18.9.1:40000"}, {"destination", "198.18.1.1:80"}};
    return Explain(**snapshot, *FrameOf(flow));
  }
  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  std::string folder_ = testing::TempDir() + "joinery-offline";
  std::string view_ = folder_ + "/views";
};

TEST_F(OfflineTest, AFileWithPoolsNeedsNoView) {
  const std::string answer = Ask({.config = Static(), .view = {}});
  EXPECT_TRUE(Has(answer, "\"verdict\":\"placement -> web/b1\"")) << answer;
}

TEST_F(OfflineTest, AFileThatFollowsControlHasItsView) {
  StoreView(view_, "198.18.0.13");
  const std::string answer = Ask({.config = Following(), .view = {}});
  EXPECT_TRUE(Has(answer, "\"verdict\":\"placement -> web/b3\"")) << answer;
}

TEST_F(OfflineTest, AnotherViewMayBeGivenWithTheFile) {
  const std::string other = folder_ + "/copy";
  StoreView(other, "198.18.0.13");
  const std::string answer = Ask({.config = Following(), .view = other});
  EXPECT_TRUE(Has(answer, "-> web/b3")) << answer;
}

TEST_F(OfflineTest, AViewAloneNeedsNoPorts) {
  StoreView(view_, "203.0.113.13");
  const std::string answer = Ask({.config = {}, .view = view_});
  EXPECT_TRUE(Has(answer, "\"verdict\":\"placement -> web/b3\"")) << answer;
  EXPECT_EQ(Ask({.config = Following(), .view = {}}),
            folder_ + "/following.yaml: backend web/b3: no port reaches 203.0.113.13")
      << "with its ports it is checked";
}

TEST_F(OfflineTest, SaysWhatIsMissingOrWrong) {
  EXPECT_EQ(Ask({.config = {}, .view = view_}),
            view_ + ": no view is there; a balancer that follows control writes it");
  EXPECT_EQ(Ask({.config = Static(), .view = view_}),
            folder_ +
                "/static.yaml: has pools of its own; a view is of a balancer that follows "
                "control");
  const std::string bad = Ask({.config = Write("bad.yaml", "balancer: {nam: x}\n"), .view = {}});
  EXPECT_TRUE(Has(bad, "bad.yaml:1:12: balancer.nam: unknown key; did you mean name?")) << bad;
  EXPECT_TRUE(Has(bad, "\n")) << "all mistakes: " << bad;
}

}  // namespace
}  // namespace joinery::explain
