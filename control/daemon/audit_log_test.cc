#include "control/daemon/audit_log.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace joinery::control {
namespace {

namespace fs = std::filesystem;

TEST(AuditLog, AppendsPrivateLines) {
  const std::string path = testing::TempDir() + "/audit.jsonl";
  fs::remove(path);
  const AuditEntry entry{
      .who = "uid 7", .what = "rotate", .detail = "{\"a\":\n1}", .result = "done"};
  for (int i = 0; i < 2; ++i) {
    auto log = AuditLog::Open(path);
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_TRUE(log->Add("t", entry));
  }
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string line =
      R"({"time":"t","who":"uid 7","what":"rotate","detail":"{\"a\":\u000a1}","result":"done"})"
      "\n";
  EXPECT_EQ(text, line + line);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(AuditLog, SaysWhyItCannot) {
  const auto log = AuditLog::Open("/nowhere/audit.jsonl");
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().message,
            "audit log \"/nowhere/audit.jsonl\" cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace joinery::control
