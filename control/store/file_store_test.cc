#include "control/store/file_store.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

namespace fs = std::filesystem;

class FileStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string folder =
        testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder);
    fs::create_directories(folder);
    options_.path = folder + "/control.state";
  }

  FileStore Store() { return {options_, files_, random_}; }

  std::string LoadError() {
    FileStore store = Store();
    const auto image = store.Load();
    return image ? "no error" : image.error().message;
  }

  SystemFiles files_;
  SeededRandom random_{1};
  FileStore::Options options_;
};

TEST_F(FileStoreTest, StartsWithNothing) { EXPECT_FALSE(Store().Load()->has_value()); }

TEST_F(FileStoreTest, KeepsTheLastImageAndCounts) {
  {
    FileStore store = Store();
    ASSERT_TRUE(store.Load());
    ASSERT_TRUE(store.Save(1, "a"));
    ASSERT_TRUE(store.Save(1, "b"));
  }
  FileStore store = Store();
  const auto image = store.Load();
  ASSERT_TRUE(image && *image);
  EXPECT_EQ((*image)->body, "b");
  EXPECT_EQ((*image)->epoch, 1U);
  EXPECT_EQ((*image)->sequence, 2U);
  ASSERT_TRUE(store.Save(2, "c"));
  EXPECT_EQ((*Store().Load())->sequence, 3U);
}

TEST_F(FileStoreTest, NamesTheFileInErrors) {
  std::ofstream(options_.path) << "something else";
  fs::permissions(options_.path, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(LoadError(), "state file \"" + options_.path + "\" is no state of joinery-control");
  options_.path = "/nowhere/control.state";
  const auto saved = Store().Save(1, "a");
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().message.find("\"/nowhere/control.state\" cannot be created"),
            std::string::npos);
}

TEST_F(FileStoreTest, RecognisesARestoredBackup) {
  FileStore store = Store();
  ASSERT_TRUE(store.Load());
  ASSERT_TRUE(store.Save(1, "old"));
  fs::copy_file(options_.path, options_.path + ".backup");
  ASSERT_TRUE(store.Save(4, "new"));
  fs::copy_file(options_.path + ".backup", options_.path, fs::copy_options::overwrite_existing);
  EXPECT_NE(LoadError().find("is older than what was stored last (sequence 1, epoch 1; last 2, "
                             "epoch 4): a backup was restored"),
            std::string::npos);

  options_.accept_older = true;
  FileStore accepting = Store();
  const auto image = accepting.Load();
  ASSERT_TRUE(image && *image);
  EXPECT_EQ((*image)->body, "old");
  EXPECT_EQ((*image)->epoch, 4U) << "the next start's epoch has to be above every one before";
  ASSERT_TRUE(accepting.Save(5, "on"));
  options_.accept_older = false;
  EXPECT_EQ((*Store().Load())->sequence, 3U);
}

TEST_F(FileStoreTest, MissesAStateThatIsGone) {
  ASSERT_TRUE(Store().Save(1, "a"));
  fs::remove(options_.path);
  EXPECT_NE(LoadError().find("is gone, although sequence 1 was stored"), std::string::npos);
}

TEST_F(FileStoreTest, ADamagedMarkSaysNothing) {
  ASSERT_TRUE(Store().Save(1, "a"));
  std::ofstream(options_.path + ".mark") << "";
  EXPECT_EQ((*Store().Load())->body, "a");
}

TEST_F(FileStoreTest, EncryptsWhenAKeyComes) {
  ASSERT_TRUE(Store().Save(1, "in clear"));
  std::array<uint8_t, StateKey::kBytes> bytes{};
  options_.key.emplace(bytes);
  FileStore store = Store();
  ASSERT_EQ((*store.Load())->body, "in clear");
  ASSERT_TRUE(store.Save(1, "hidden"));
  EXPECT_EQ(files_.Read(options_.path)->value().find("hidden"), std::string::npos);
  EXPECT_EQ((*Store().Load())->body, "hidden");
  options_.key.reset();
  EXPECT_NE(LoadError().find("is encrypted"), std::string::npos);
}

TEST_F(FileStoreTest, OneDaemonAtATime) {
  {
    const auto first = StateLock::Take(options_.path);
    ASSERT_TRUE(first) << first.error().message;
    const auto second = StateLock::Take(options_.path);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("another joinery-control"), std::string::npos);
  }
  EXPECT_TRUE(StateLock::Take(options_.path));
  EXPECT_NE(StateLock::Take("/nowhere/s").error().message.find("cannot be opened"),
            std::string::npos);
}

}  // namespace
}  // namespace joinery::control
