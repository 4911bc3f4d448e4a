// configs/example.yaml is what people start from, so it has to be right.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <sys/wait.h>

#include "settings/load.h"

namespace joinery::settings {
namespace {

namespace fs = std::filesystem;

// The example in a folder of its own, as somebody would copy it.
fs::path CopyOfExample() {
  const fs::path folder = fs::path(testing::TempDir()) / "example";
  fs::remove_all(folder);
  fs::create_directories(folder);
  fs::copy_file("configs/example.yaml", folder / "example.yaml");
  return folder / "example.yaml";
}

std::string CheckOutput(const fs::path& file) {
  std::ostringstream out;
  const bool valid = Check(file.string(), out);
  return (valid ? "valid: " : "invalid: ") + out.str();
}

std::string MakeKeys(const fs::path& file) {
  FILE* pipe = popen(("configs/make_keys " + file.string() + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "no shell";
  std::string output;
  std::array<char, 256> part{};
  while (fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  const int status = pclose(pipe);
  return WEXITSTATUS(status) == 0 ? output : "failed: " + output;
}

TEST(Example, IsValidWithTheKeysThatMakeKeysMakes) {
  const fs::path file = CopyOfExample();
  EXPECT_NE(CheckOutput(file).find("keys/web_generation1.key\" cannot be opened"),
            std::string::npos);
  EXPECT_EQ(MakeKeys(file),
            "keys/web_generation1.key: made\nkeys/web_generation2.key: made\n"
            "keys/web_hash.key: made\n");
  EXPECT_EQ(CheckOutput(file), "valid: " + file.string() + ": valid: 1 pool, 3 backends\n");
}

TEST(MakeKeys, LeavesKeysAlone) {
  const fs::path file = CopyOfExample();
  MakeKeys(file);
  const fs::path key = file.parent_path() / "keys/web_hash.key";
  const auto written = fs::last_write_time(key);
  EXPECT_NE(MakeKeys(file).find("keys/web_hash.key: is there, left alone"), std::string::npos);
  EXPECT_EQ(fs::last_write_time(key), written);
}

// The example writes the defaults out; it must not drift from them. What it changes on purpose is
// what a first try on a small machine needs.
TEST(Example, ShowsTheDefaults) {
  const fs::path file = CopyOfExample();
  MakeKeys(file);
  const auto config = LoadFile(file.string());
  ASSERT_TRUE(config);
  const Balancer balancer;
  EXPECT_EQ(config->lb.steering, balancer.steering);
  EXPECT_EQ(config->lb.lcores, balancer.lcores);
  EXPECT_EQ(config->lb.stats_socket, balancer.stats_socket);
  EXPECT_EQ(config->lb.cache_flows, balancer.cache_flows);
  EXPECT_EQ(config->lb.hash_rate, balancer.hash_rate);
  EXPECT_EQ(config->lb.ports[0].mtu, PortConfig{}.mtu);
  const Pool pool;
  EXPECT_EQ(config->pools[0].max_backends, pool.max_backends);
  EXPECT_EQ(config->pools[0].handshake, pool.handshake);
  EXPECT_EQ(config->pools[0].scheme.algorithm, pool.scheme.algorithm);
  EXPECT_EQ(config->pools[0].scheme.generation_bits, pool.scheme.generation_bits);
  EXPECT_EQ(config->pools[0].table_size, pool.table_size);
  EXPECT_EQ(config->pools[0].join_rate, pool.join_rate);
}

TEST(Example, TheFollowingOneIsValid) {
  EXPECT_EQ(CheckOutput("configs/following.example.yaml"),
            "valid: configs/following.example.yaml: valid: pools come from control at "
            "198.18.0.5:7443\n");
  const auto config = LoadFile("configs/following.example.yaml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->lb.metrics, Balancer{}.metrics);
  EXPECT_EQ(config->control->state_dir, Control{}.state_dir);
}

}  // namespace
}  // namespace joinery::settings
