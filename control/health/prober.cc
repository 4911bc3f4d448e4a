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
#include <fmt/format.h>

#include "control/health/carrier.h"
#include "control/health/socket_check.h"
#include "control/health/source_addresses.h"
#include "control/health/tunnel_device.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace joinery::health {
namespace {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kNeighbourPoll = std::chrono::milliseconds(20);

std::optional<IpAddress> SourceOf(std::span<const uint8_t> packet) {
  if (const auto ip = wire::Ipv4View::Parse(packet)) return ip->source();
  if (const auto ip = wire::Ipv6View::Parse(packet)) return ip->source();
  return std::nullopt;
}

// One target under check. Its coroutine shares it with the prober and ends when it is let go.
struct Session {
  Session(asio::io_context& io, Target target_in, const Tracker& tracker_in)
      : target(std::move(target_in)), tracker(tracker_in), timer(io) {}

  Target target;
  Tracker tracker;
  asio::steady_timer timer;
  std::string detail = "not checked yet";
  uint64_t checks = 0;
  uint64_t failures = 0;
  bool stopped = false;
};

}  // namespace

struct Prober::Shared : std::enable_shared_from_this<Shared> {
  Shared(asio::io_context& io_in, const Clock& clock_in, Random& random_in, Callbacks callbacks_in)
      : io(io_in), clock(clock_in), random(random_in), callbacks(std::move(callbacks_in)) {}

  // What a kernel socket sent from a source address: on to the backend it stands for.
  void Carry(std::span<const uint8_t> packet) {
    const auto source = SourceOf(packet);
    const auto slot = source && sources ? sources->SlotOf(*source) : std::nullopt;
    if (!slot || *slot >= by_slot.size()) return;
    static_cast<void>(carrier->Send(by_slot[*slot]->target.way, packet));
  }

  void Start(const std::shared_ptr<Session>& session, Slot slot) {
    asio::co_spawn(
        io,
        [self = shared_from_this(), session, slot]() -> asio::awaitable<void> {
          while (!session->stopped) {
            session->timer.expires_after(session->tracker.due() - self->clock.Now());
            static_cast<void>(co_await session->timer.async_wait(kAwait));
            if (!session->stopped) co_await self->CheckOnce(session, slot);
          }
        },
        asio::detached);
  }

  asio::awaitable<void> CheckOnce(std::shared_ptr<Session> session, Slot slot) {
    const Outcome outcome = co_await Run(session, slot);
    if (session->stopped) co_return;
    ++session->checks;
    session->failures += outcome.ok ? 0 : 1;
    session->detail = outcome.detail;
    if (session->tracker.Finish(outcome.ok, clock.Now(), random)) {
      callbacks.changed(session->target, session->tracker.state(), outcome.detail);
    }
  }

  asio::awaitable<Outcome> Run(std::shared_ptr<Session> session, Slot slot) {
    const Target& target = session->target;
    const Instant end = clock.Now() + target.policy.timeout;
    const auto source = sources ? sources->Of(slot, target.vip.family()) : std::nullopt;
    const Endpoints endpoints{
        .source = source.value_or(IpAddress()), .vip = target.vip, .port = target.port};
    while (!carrier->Ready(target.way) && clock.Now() < end) {
      session->timer.expires_after(kNeighbourPoll);
      static_cast<void>(co_await session->timer.async_wait(kAwait));
    }
    const Nanoseconds left = std::max<Nanoseconds>(end - clock.Now(), kNeighbourPoll);
    if (target.check.kind != CheckKind::kMptcp) {
      co_return co_await RunSocketCheck(target.check, endpoints, left);
    }
    co_return co_await mptcp->Run(
        target.way, endpoints,
        [this, session](Token token) { return callbacks.owner(session->target, token); }, left);
  }

  void StopAll() {
    for (const auto& session : by_slot) {
      session->stopped = true;
      session->timer.cancel();
    }
  }

  asio::io_context& io;
  const Clock& clock;
  Random& random;
  Callbacks callbacks;
  std::vector<IpPrefix> prefixes;
  std::optional<SourceAddresses> sources;
  std::unique_ptr<Carrier> carrier;
  std::unique_ptr<MptcpChecker> mptcp;
  std::unique_ptr<TunnelDevice> device;
  std::vector<std::shared_ptr<Session>> by_slot;
};

Expected<std::unique_ptr<Prober>> Prober::Open(asio::io_context& io, const Prefixes& prefixes,
                                               const Clock& clock, Random& random,
                                               Callbacks callbacks) {
  auto shared = std::make_shared<Shared>(io, clock, random, std::move(callbacks));
  shared->prefixes = prefixes.sources;
  auto carrier = Carrier::Open();
  if (!carrier) return tl::unexpected(carrier.error());
  shared->carrier = *std::move(carrier);
  auto mptcp = MptcpChecker::Open(io, *shared->carrier, random);
  if (!mptcp) return tl::unexpected(mptcp.error());
  shared->mptcp = *std::move(mptcp);
  auto device = TunnelDevice::Open(io, prefixes.device,
                                   [raw = shared.get()](auto packet) { raw->Carry(packet); });
  if (!device) return tl::unexpected(device.error());
  shared->device = *std::move(device);
  return std::unique_ptr<Prober>(new Prober(std::move(shared)));
}

Prober::Prober(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

Prober::~Prober() {
  shared_->StopAll();
  shared_->device.reset();
}

Expected<void> Prober::Adopt(std::vector<Target> targets) {
  auto sources = SourceAddresses::Create(shared_->prefixes, targets.size());
  if (!sources) return tl::unexpected(sources.error());
  for (const Target& target : targets) {
    if (!sources->Of(0, target.vip.family())) {
      return Fail(fmt::format("{}: no source prefix of the VIP's family ({})", target.name,
                              ToString(target.vip)));
    }
  }
  std::map<std::string, std::shared_ptr<Session>> known;
  for (const auto& session : shared_->by_slot) known.emplace(session->target.name, session);
  shared_->StopAll();
  shared_->by_slot.clear();
  shared_->sources = *sources;
  for (Target& target : targets) {
    const auto before = known.find(target.name);
    Tracker tracker = before != known.end()
                          ? before->second->tracker
                          : Tracker(target.policy, shared_->clock.Now(), shared_->random);
    tracker.Adopt(target.policy);
    shared_->by_slot.push_back(std::make_shared<Session>(shared_->io, std::move(target), tracker));
    shared_->Start(shared_->by_slot.back(), shared_->by_slot.size() - 1);
  }
  return {};
}

std::vector<Status> Prober::Read() const {
  std::vector<Status> all;
  for (const auto& session : shared_->by_slot) {
    all.push_back({.name = session->target.name,
                   .state = session->tracker.state(),
                   .detail = session->detail,
                   .checks = session->checks,
                   .failures = session->failures});
  }
  return all;
}

}  // namespace joinery::health
