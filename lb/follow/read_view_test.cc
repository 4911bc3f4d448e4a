#include "lb/follow/read_view.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "api/balancer_view_json.h"
#include "api/digest.h"
#include "lb/follow/last_good.h"

namespace joinery::follow {
namespace {

namespace fs = std::filesystem;

constexpr api::Position kScheme{.epoch = 3, .version = 8};
constexpr api::Position kLoad{.epoch = 3, .version = 2};

api::Stamp StampOf(const api::Position& at, const std::string& bytes) {
  return {.at = at, .digest = api::DigestOf(bytes)};
}

class ReadView : public testing::Test {
 protected:
  ReadView() { fs::remove_all(folder_); }
  ~ReadView() override { fs::remove_all(folder_); }

  std::string ErrorOfLastGood() const {
    const auto read = ReadLastGood(folder_);
    return read ? "no error" : read.error().message;
  }

  std::string scheme_ = api::ToJson(api::SchemePart{.at = kScheme, .pools = {}});
  std::string load_ = api::ToJson(api::LoadPart{.at = kLoad, .scheme = kScheme, .pools = {}});
  std::string folder_ = testing::TempDir() + "joinery-read-view";
};

TEST_F(ReadView, KeepsPartAndBytes) {
  const auto scheme = ReadScheme(StampOf(kScheme, scheme_), scheme_);
  ASSERT_TRUE(scheme) << scheme.error().message;
  EXPECT_EQ(scheme->part->at, kScheme);
  EXPECT_EQ(*scheme->bytes, scheme_);
  const auto load = ReadLoad(StampOf(kLoad, load_), load_);
  ASSERT_TRUE(load) << load.error().message;
  EXPECT_EQ(load->part->scheme, kScheme);
}

TEST_F(ReadView, RefusesAnotherPosition) {
  const auto scheme = ReadScheme(StampOf(kLoad, scheme_), scheme_);
  ASSERT_FALSE(scheme);
  EXPECT_EQ(scheme.error().message, "at: 3.8 in the body, but it was sent as 3.2");
}

TEST_F(ReadView, FindsWhatARunningBalancerHasStored) {
  const auto disk = LastGood::Open(folder_);
  ASSERT_TRUE(disk) << disk.error().message;
  EXPECT_FALSE(ReadLastGood(folder_).value()) << "nothing yet";
  ASSERT_TRUE(disk->Store(Kind::kScheme, StampOf(kScheme, scheme_), scheme_));
  EXPECT_FALSE(ReadLastGood(folder_).value()) << "half of it";
  ASSERT_TRUE(disk->Store(Kind::kLoad, StampOf(kLoad, load_), load_));
  const auto read = ReadLastGood(folder_);
  ASSERT_TRUE(read) << read.error().message;
  const auto& view = *read;
  ASSERT_TRUE(view);
  EXPECT_EQ(view->scheme.stamp.at, kScheme);
  EXPECT_EQ(view->load.stamp.at, kLoad);
}

TEST_F(ReadView, SaysWhatIsBroken) {
  const auto disk = LastGood::Open(folder_);
  ASSERT_TRUE(disk);
  ASSERT_TRUE(disk->Store(Kind::kScheme, StampOf(kScheme, scheme_), scheme_));
  ASSERT_TRUE(disk->Store(Kind::kLoad, StampOf(kLoad, "{}"), "{}"));
  EXPECT_TRUE(ErrorOfLastGood().starts_with("the load part on disk: ")) << ErrorOfLastGood();
  std::ofstream(folder_ + "/scheme.view") << "?";
  EXPECT_TRUE(ErrorOfLastGood().starts_with(folder_ + "/scheme.view: ")) << ErrorOfLastGood();
}

}  // namespace
}  // namespace joinery::follow
