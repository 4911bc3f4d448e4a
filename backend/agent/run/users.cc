#include "backend/agent/run/users.h"

#include <array>
#include <charconv>
#include <pwd.h>

#include <fmt/format.h>

namespace joinery::agent {
namespace {

constexpr size_t kMaxEntryBytes = 16 << 10;

Expected<uint32_t> UserByName(const std::string& user) {
  uint32_t number = 0;
  const char* end = user.data() + user.size();
  if (std::from_chars(user.data(), end, number).ptr == end && !user.empty()) return number;
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, kMaxEntryBytes> buffer;
  getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return Fail(fmt::format("this host has no user {}", user));
  return entry.pw_uid;
}

}  // namespace

Expected<std::vector<uint32_t>> UsersByName(const std::vector<std::string>& users) {
  std::vector<uint32_t> numbers;
  for (const std::string& user : users) {
    const auto number = UserByName(user);
    if (!number) return Fail(number.error().message);
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace joinery::agent
