#include "lb/dpdk/reload.h"

#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "settings/load.h"

namespace joinery::dpdk {
namespace {

constexpr const char* kText = R"(balancer:
  lcores: [0]
  ports: [{name: lan, device: net_null0, addresses: [198.18.0.2/24]}]
pools:
  - name: web
    id: 1
    handshake: none
    hash_secret_file: hash.key
    vips: [{address: 198.18.0.100, ports: [80]}]
    backends:
      - {name: b1, id: 1, address: 198.18.0.11}
)";
constexpr const char* kMore = "      - {name: b2, id: 2, address: 198.18.0.12}\n";

// A balancer without its lcores: one reader that is never online, so a swap waits for nobody.
class ReloadTest : public testing::Test {
 protected:
  ReloadTest() {
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ + "hash.key") << "000102030405060708090a0b0c0d0e0f\n";
    std::filesystem::permissions(directory_ + "hash.key", std::filesystem::perms::owner_read |
                                                              std::filesystem::perms::owner_write);
    Write(kText);
    const settings::Config config = settings::LoadFile(path_).value();
    plans_ = std::make_unique<SnapshotHolder<Plan>>(
        1, MakePlan(config, 1, nullptr, neighbours_, clock_).value());
    switch_ = std::make_unique<PlanSwitch>(*plans_, neighbours_, clock_);
    reloader_ = std::make_unique<Reloader>(path_, config, *switch_, nullptr);
  }
  ~ReloadTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& text) { std::ofstream(path_) << text; }
  const steer::Snapshot& Current() { return *plans_->Current().snapshot; }

  std::string directory_ = testing::TempDir() + "joinery-reload-test/";
  std::string path_ = directory_ + "lb.yaml";
  ManualClock clock_;
  Neighbours neighbours_{{}};
  std::unique_ptr<SnapshotHolder<Plan>> plans_;
  std::unique_ptr<PlanSwitch> switch_;
  std::unique_ptr<Reloader> reloader_;
};

TEST_F(ReloadTest, AGoodConfigurationComesIntoForce) {
  Write(std::string(kText) + kMore);
  EXPECT_EQ(reloader_->Reload().value(), 2U);
  EXPECT_EQ(Current().version(), 2U);
  EXPECT_EQ(Current().backends().size(), 2U);
  EXPECT_EQ(neighbours_.Lock().table.size(), 2U);
  // What is no longer a next hop is forgotten.
  Write(kText);
  EXPECT_EQ(reloader_->Reload().value(), 3U);
  EXPECT_EQ(neighbours_.Lock().table.size(), 1U);
}

TEST_F(ReloadTest, ABadOneIsToldInFullAndChangesNothing) {
  Write("balancer: {one: 1}\npools: {two: 2}\n");
  const auto version = reloader_->Reload();
  ASSERT_FALSE(version);
  const std::string& told = version.error().message;
  EXPECT_NE(told.find("lb.yaml:1:"), std::string::npos) << told;
  EXPECT_NE(told.find("lb.yaml:2:"), std::string::npos) << told;
  EXPECT_TRUE(told.ends_with("the running configuration (version 1) stays")) << told;
  EXPECT_EQ(Current().version(), 1U);
  EXPECT_EQ(neighbours_.Lock().table.size(), 1U);
}

TEST_F(ReloadTest, WhatIsFixedAtStartIsRefused) {
  std::string text = kText;
  text.replace(text.find("[0]"), 3, "[0, 1]");
  Write(text);
  const auto version = reloader_->Reload();
  ASSERT_FALSE(version);
  EXPECT_NE(version.error().message.find(
                "balancer.lcores: [0] cannot become [0, 1] while running; restart for that"),
            std::string::npos)
      << version.error().message;
  EXPECT_EQ(Current().version(), 1U);
}

TEST_F(ReloadTest, AFileThatIsGoneIsRefused) {
  std::filesystem::remove(path_);
  EXPECT_FALSE(reloader_->Reload());
  EXPECT_EQ(Current().version(), 1U);
}

// What was built and not swapped in leaves no trace, whoever builds next.
TEST_F(ReloadTest, ADroppedPlanGivesItsNextHopsBack) {
  Write(std::string(kText) + kMore);
  const settings::Config more = settings::LoadFile(path_).value();
  ASSERT_TRUE(switch_->Build(more));
  EXPECT_EQ(neighbours_.Lock().table.size(), 2U);
  ASSERT_TRUE(switch_->Build(more));
  switch_.reset();
  EXPECT_EQ(neighbours_.Lock().table.size(), 1U);
  EXPECT_EQ(Current().version(), 1U);
}

}  // namespace
}  // namespace joinery::dpdk
