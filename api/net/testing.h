// What the tests of this room share: an authority in a temporary folder, a peer that speaks bytes,
// and waiting with a deadline. Test only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/net/credentials.h"
#include "api/net/endpoint.h"
#include "api/net/loop.h"

namespace joinery::api {

inline constexpr Nanoseconds kTestLimit = std::chrono::seconds(30);

// Runs the loop until `done` holds, which may also come true without an event of the loop.
[[nodiscard]] bool Eventually(Loop& loop, const std::function<bool()>& done,
                              Nanoseconds limit = kTestLimit);

// As many open files as the process may have at all.
void RaiseFileLimit();

// A folder that goes with it, with all that is in it.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  [[nodiscard]] std::string operator/(std::string_view name) const;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

// Failures end the test program.
class TestAuthority {
 public:
  TestAuthority();

  // A new certificate at each call.
  [[nodiscard]] CredentialFiles Issue(std::string_view uri);
  // One that is valid from `from_s` to `to_s` seconds from now.
  [[nodiscard]] CredentialFiles IssueFor(std::string_view uri, int64_t from_s, int64_t to_s);
  [[nodiscard]] std::shared_ptr<Credentials> Credentialed(std::string_view uri);
  void Revoke(std::string_view uri);
  [[nodiscard]] std::string directory() const { return folder_ / "ca"; }

 private:
  [[nodiscard]] CredentialFiles FilesAt(const std::string& stem) const;

  TestFolder folder_;
  int next_ = 0;
};

// A socket of which the test sends and reads the bytes, without a loop.
class RawPeer {
 public:
  [[nodiscard]] static RawPeer ConnectUnix(const std::string& path);
  [[nodiscard]] static RawPeer ConnectTcp(Port port);  // on 127.0.0.1
  RawPeer(RawPeer&& other) noexcept;
  RawPeer& operator=(RawPeer&&) = delete;
  ~RawPeer();

  // As much as the socket takes at once; how much that was.
  size_t Send(std::string_view bytes);
  // What has come so far, all of it.
  const std::string& Received();
  // Nothing more will come. (What has come is read first.)
  [[nodiscard]] bool Ended();
  void Close();
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  explicit RawPeer(int fd) noexcept : fd_(fd) {}

  int fd_;
  std::string received_{};
  bool ended_ = false;
};

}  // namespace joinery::api
