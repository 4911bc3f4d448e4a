// Views by name, and who waits for their next version: the server's half of a long poll. A view's
// bytes are made once and shared by all who get them.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/net/loop.h"
#include "api/net/message.h"
#include "api/position.h"
#include "base/random.h"

namespace joinery::api {

struct HubOptions {
  Nanoseconds wait = std::chrono::seconds(30);      // when the request has no wait_s
  Nanoseconds max_wait = std::chrono::seconds(60);  // stay below ServerLimits::answer
};

struct Publication {
  Position at;
  Digest digest{};
  std::shared_ptr<const std::string> bytes;
};

// A wait, shortened by up to a tenth.
[[nodiscard]] Nanoseconds Shortened(Nanoseconds wait, Random& random);

class Hub {
 public:
  // `random` shortens each wait, so that watchers who came together do not return
  // together. Loop and random must outlive the hub; the hub outlives the server's handlers.
  Hub(Loop& loop, Random& random, HubOptions options = {});

  // What `resource` is from now on; wakes its watchers. Any position that is not the current one is
  // news, also a lower one: to refuse it is the receiver's part (I8).
  const Publication& Publish(std::string_view resource, Position at, std::string bytes);
  // Forgets it; its watchers get 404.
  void Withdraw(std::string_view resource);
  // Null: nothing published yet.
  [[nodiscard]] const Publication* Find(std::string_view resource) const;

  // Answers `GET ...?after=EPOCH.VERSION&wait_s=N`: 200 at once if the resource is at another
  // position, else at its next change, else 204; without `after` 200 with what there is. What is
  // not published yet is waited for. The caller has checked that the peer may see the resource.
  void Watch(std::string_view resource, const Request& request, Responder responder);

  [[nodiscard]] size_t watchers() const noexcept { return by_deadline_.size(); }
  [[nodiscard]] size_t watchers(std::string_view resource) const;

 private:
  struct Resource;
  struct Watcher {
    Resource* resource;
    uint64_t number;
    Responder responder;
  };
  using Deadlines = std::multimap<Instant, Watcher>;
  struct Resource {
    std::optional<Publication> current;
    std::unordered_map<uint64_t, Deadlines::iterator> watchers;  // by the number they came with
  };

  Resource& At(std::string_view resource);
  void Wait(Resource& resource, Nanoseconds wait, Responder responder);
  [[nodiscard]] std::list<Responder> Take(Resource& resource);
  void Expire();
  void Arm();

  Loop& loop_;
  Random& random_;
  HubOptions options_;
  BootClock clock_;
  std::map<std::string, Resource, std::less<>> resources_;
  Deadlines by_deadline_;
  uint64_t next_watcher_ = 0;
  Loop::Handle timer_;
  std::shared_ptr<bool> alive_;
};

}  // namespace joinery::api
