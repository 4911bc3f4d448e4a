#include "api/net/hub.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "api/digest.h"
#include "api/position_text.h"
#include "base/expected.h"
#include "crypto/wipe.h"

namespace joinery::api {
namespace {

// A wait is shortened by up to a tenth of it.
constexpr uint32_t kJitterSteps = 1'000;
constexpr uint32_t kJitterParts = 10 * kJitterSteps;

// A view holds keys, so its bytes are wiped when the last who sends them is done.
std::shared_ptr<const std::string> Shared(std::string bytes) {
  return {new std::string(std::move(bytes)), [](std::string* shared) {
            crypto::Wipe(shared->data(), shared->size());
            delete shared;
          }};
}

Response ResponseOf(const Publication& publication) {
  return {.status = 200,
          .body = publication.bytes,
          .digest = publication.digest,
          .position = publication.at};
}

struct Question {
  std::optional<Position> after;
  Nanoseconds wait;
};

Expected<Question> Read(const Request& request, const HubOptions& options) {
  Question question{.after = std::nullopt, .wait = options.wait};
  if (const std::string* after = request.Find("after")) {
    question.after = ParsePosition(*after);
    if (!question.after) return Fail("after: expected EPOCH.VERSION");
  }
  if (const std::string* wait = request.Find("wait_s")) {
    uint32_t seconds = 0;
    const char* end = wait->data() + wait->size();
    const auto parsed = std::from_chars(wait->data(), end, seconds);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      return Fail("wait_s: expected a whole number of seconds");
    }
    question.wait = std::min<Nanoseconds>(std::chrono::seconds(seconds), options.max_wait);
  }
  return question;
}

}  // namespace

Nanoseconds Shortened(Nanoseconds wait, Random& random) {
  return wait / kJitterParts * (kJitterParts - random.Below(kJitterSteps));
}

Hub::Hub(Loop& loop, Random& random, HubOptions options)
    : loop_(loop), random_(random), options_(options), alive_(std::make_shared<bool>(true)) {}

Hub::Resource& Hub::At(std::string_view resource) {
  const auto found = resources_.find(resource);
  return found != resources_.end() ? found->second : resources_[std::string(resource)];
}

const Publication* Hub::Find(std::string_view resource) const {
  const auto found = resources_.find(resource);
  if (found == resources_.end()) return nullptr;
  const std::optional<Publication>& current = found->second.current;
  return current ? &*current : nullptr;
}

size_t Hub::watchers(std::string_view resource) const {
  const auto found = resources_.find(resource);
  return found == resources_.end() ? 0 : found->second.watchers.size();
}

const Publication& Hub::Publish(std::string_view resource, Position at, std::string bytes) {
  Resource& entry = At(resource);
  Publication& current = entry.current.emplace();
  current.at = at;
  current.digest = DigestOf(bytes);
  current.bytes = Shared(std::move(bytes));
  for (Responder& responder : Take(entry)) responder.Send(ResponseOf(current));
  return current;
}

void Hub::Withdraw(std::string_view resource) {
  const auto found = resources_.find(resource);
  if (found == resources_.end()) return;
  for (Responder& responder : Take(found->second)) {
    responder.Send(ErrorResponse(404, "it is not there any more"));
  }
  resources_.erase(found);
}

// Off the lists first, since what is told may come back.
std::list<Responder> Hub::Take(Resource& resource) {
  std::list<Responder> taken;
  for (const auto& [number, place] : std::exchange(resource.watchers, {})) {
    taken.push_back(std::move(place->second.responder));
    by_deadline_.erase(place);
  }
  Arm();
  return taken;
}

void Hub::Watch(std::string_view resource, const Request& request, Responder responder) {
  const auto question = Read(request, options_);
  if (!question) {
    responder.Send(ErrorResponse(400, question.error().message));
    return;
  }
  Resource& entry = At(resource);
  if (entry.current && question->after != entry.current->at) {
    responder.Send(ResponseOf(*entry.current));
    return;
  }
  Wait(entry, question->wait, std::move(responder));
}

void Hub::Wait(Resource& resource, Nanoseconds wait, Responder responder) {
  const uint64_t number = next_watcher_++;
  const auto place = by_deadline_.emplace(
      clock_.Now() + Shortened(wait, random_),
      Watcher{.resource = &resource, .number = number, .responder = std::move(responder)});
  resource.watchers.emplace(number, place);
  // While the entry is there its resource is: Withdraw and Take clear both.
  place->second.responder.OnGone([this, alive = std::weak_ptr(alive_), place] {
    if (alive.expired()) return;
    place->second.resource->watchers.erase(place->second.number);
    by_deadline_.erase(place);
  });
  if (place == by_deadline_.begin()) Arm();
}

void Hub::Expire() {
  const Instant now = clock_.Now();
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    Watcher watcher = std::move(by_deadline_.begin()->second);
    by_deadline_.erase(by_deadline_.begin());
    watcher.resource->watchers.erase(watcher.number);
    watcher.responder.Send({.status = 204});
  }
  Arm();
}

void Hub::Arm() {
  if (by_deadline_.empty()) {
    timer_.Cancel();
    return;
  }
  const Nanoseconds left = by_deadline_.begin()->first - clock_.Now();
  timer_ =
      loop_.After(std::max<Nanoseconds>(left, std::chrono::milliseconds(1)), [this] { Expire(); });
}

}  // namespace joinery::api
