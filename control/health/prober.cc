#include "control/health/prober.h"

#include <map>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace joinery::health {
namespace {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// What is known of a target, and outlives a reload.
struct Record {
  Tracker tracker;
  Instant since{};
  std::string detail = "not checked yet";
  std::string last_failure{};
  uint64_t checks = 0;
  uint64_t failures = 0;
};

// One target under check. Its coroutine shares it with the prober and ends when it is let go.
struct Session {
  Session(asio::io_context& io, Target target_in, Record record_in)
      : target(std::move(target_in)), record(std::move(record_in)), timer(io) {}

  const Target target;
  Record record;
  asio::steady_timer timer;
  bool stopped = false;
};

// Somewhere else there is another server, whatever its name.
bool IsSamePlace(const Target& a, const Target& b) {
  return a.way == b.way && a.vip == b.vip && a.port == b.port;
}

}  // namespace

struct Prober::Shared : std::enable_shared_from_this<Shared> {
  Shared(asio::io_context& io_in, const Clock& clock_in, Random& random_in,
         std::unique_ptr<Transport> transport_in, Callbacks callbacks_in)
      : io(io_in),
        clock(clock_in),
        random(random_in),
        transport(std::move(transport_in)),
        callbacks(std::move(callbacks_in)) {}

  void Start(const std::shared_ptr<Session>& session, size_t number) {
    asio::co_spawn(
        io,
        [self = shared_from_this(), session, number]() -> asio::awaitable<void> {
          while (!session->stopped) {
            session->timer.expires_after(session->record.tracker.due() - self->clock.Now());
            static_cast<void>(co_await session->timer.async_wait(kAwait));
            if (!session->stopped) co_await self->CheckOnce(session, number);
          }
        },
        asio::detached);
  }

  asio::awaitable<void> CheckOnce(std::shared_ptr<Session> session, size_t number) {
    std::function<TokenOwner(Token)> owner = [this, session](Token token) {
      return callbacks.owner(session->target, token);
    };
    const Outcome outcome = co_await transport->Run(number, session->target, std::move(owner));
    if (!session->stopped) Finish(*session, outcome);
  }

  void Finish(Session& session, const Outcome& outcome) {
    Record& record = session.record;
    ++record.checks;
    record.detail = outcome.detail;
    if (!outcome.ok) {
      ++record.failures;
      record.last_failure = outcome.detail;
    }
    const Instant now = clock.Now();
    if (!record.tracker.Finish(outcome.ok, now, random)) return;
    record.since = now;
    callbacks.changed(session.target, record.tracker.state(), outcome.detail);
  }

  void StopAll() {
    for (const auto& session : sessions) {
      session->stopped = true;
      session->timer.cancel();
    }
  }

  [[nodiscard]] Record RecordOf(const Session* before, const Target& target) const {
    if (before == nullptr || !IsSamePlace(before->target, target)) {
      const Instant now = clock.Now();
      return {.tracker = Tracker(target.policy, now, random), .since = now};
    }
    Record record = before->record;
    record.tracker.Adopt(target.policy);
    return record;
  }

  asio::io_context& io;
  const Clock& clock;
  Random& random;
  std::unique_ptr<Transport> transport;
  Callbacks callbacks;
  std::vector<std::shared_ptr<Session>> sessions;
};

Prober::Prober(asio::io_context& io, const Clock& clock, Random& random,
               std::unique_ptr<Transport> transport, Callbacks callbacks)
    : shared_(std::make_shared<Shared>(io, clock, random, std::move(transport),
                                       std::move(callbacks))) {}

Prober::~Prober() { shared_->StopAll(); }

Expected<void> Prober::Adopt(std::vector<Target> targets) {
  if (auto adopted = shared_->transport->Adopt(targets); !adopted) return adopted;
  std::map<std::string, std::shared_ptr<Session>> known;
  for (const auto& session : shared_->sessions) known.emplace(session->target.name, session);
  shared_->StopAll();
  shared_->sessions.clear();
  for (Target& target : targets) {
    const auto before = known.find(target.name);
    Record record =
        shared_->RecordOf(before == known.end() ? nullptr : before->second.get(), target);
    shared_->sessions.push_back(
        std::make_shared<Session>(shared_->io, std::move(target), std::move(record)));
    shared_->Start(shared_->sessions.back(), shared_->sessions.size() - 1);
  }
  return {};
}

std::vector<Status> Prober::Read() const {
  std::vector<Status> all;
  for (const auto& session : shared_->sessions) {
    const Record& record = session->record;
    all.push_back({.name = session->target.name,
                   .state = record.tracker.state(),
                   .since = record.since,
                   .held = record.tracker.SuppressedFor(shared_->clock.Now()),
                   .detail = record.detail,
                   .last_failure = record.last_failure,
                   .checks = record.checks,
                   .failures = record.failures});
  }
  return all;
}

}  // namespace joinery::health
