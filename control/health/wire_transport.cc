#include "control/health/wire_transport.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "control/health/carrier.h"
#include "control/health/mptcp_check.h"
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

class WireTransport final : public Transport {
 public:
  WireTransport(asio::io_context& io, std::vector<IpPrefix> prefixes, const Clock& clock,
                std::unique_ptr<Carrier> carrier, std::unique_ptr<MptcpChecker> mptcp)
      : io_(io),
        prefixes_(std::move(prefixes)),
        clock_(clock),
        carrier_(std::move(carrier)),
        mptcp_(std::move(mptcp)) {}

  [[nodiscard]] Expected<void> OpenDevice(const std::string& name) {
    auto device = TunnelDevice::Open(io_, name, [this](auto packet) { Carry(packet); });
    if (!device) return tl::unexpected(device.error());
    device_ = *std::move(device);
    return {};
  }

  Expected<void> Adopt(const std::vector<Target>& targets) override {
    auto sources = SourceAddresses::Create(prefixes_, targets.size());
    if (!sources) return tl::unexpected(sources.error());
    std::vector<Way> ways;
    for (const Target& target : targets) {
      ways.push_back(target.way);
      if (sources->Of(0, target.vip.family())) continue;
      return Fail(fmt::format("{}: no source prefix of the VIP's family ({})", target.name,
                              ToString(target.vip)));
    }
    sources_ = *sources;
    ways_ = std::move(ways);
    return {};
  }

  asio::awaitable<Outcome> Run(size_t number, Target target,
                               std::function<TokenOwner(Token)> owner) override {
    const Instant end = clock_.Now() + target.policy.timeout;
    const auto source = sources_ ? sources_->Of(number, target.vip.family()) : std::nullopt;
    const Endpoints endpoints{
        .source = source.value_or(IpAddress()), .vip = target.vip, .port = target.port};
    asio::steady_timer timer(io_);
    while (!carrier_->Ready(target.way) && clock_.Now() < end) {
      timer.expires_after(kNeighbourPoll);
      static_cast<void>(co_await timer.async_wait(kAwait));
    }
    const Nanoseconds left = std::max<Nanoseconds>(end - clock_.Now(), kNeighbourPoll);
    if (target.check.kind != CheckKind::kMptcp) {
      co_return co_await RunSocketCheck(target.check, endpoints, left);
    }
    co_return co_await mptcp_->Run(target.way, endpoints, std::move(owner), left);
  }

 private:
  // What a kernel socket sent from a source address: on to the backend it stands for.
  void Carry(std::span<const uint8_t> packet) {
    const auto source = SourceOf(packet);
    const auto slot = source && sources_ ? sources_->SlotOf(*source) : std::nullopt;
    if (!slot || *slot >= ways_.size()) return;
    static_cast<void>(carrier_->Send(ways_[*slot], packet));
  }

  asio::io_context& io_;
  std::vector<IpPrefix> prefixes_;
  const Clock& clock_;
  std::optional<SourceAddresses> sources_;
  std::vector<Way> ways_;  // by slot
  std::unique_ptr<Carrier> carrier_;
  std::unique_ptr<MptcpChecker> mptcp_;
  std::unique_ptr<TunnelDevice> device_;
};

}  // namespace

Expected<std::unique_ptr<Transport>> OpenWireTransport(asio::io_context& io,
                                                       const Prefixes& prefixes, const Clock& clock,
                                                       Random& random) {
  auto carrier = Carrier::Open();
  if (!carrier) return tl::unexpected(carrier.error());
  auto mptcp = MptcpChecker::Open(io, **carrier, random);
  if (!mptcp) return tl::unexpected(mptcp.error());
  auto transport = std::make_unique<WireTransport>(io, prefixes.sources, clock, *std::move(carrier),
                                                   *std::move(mptcp));
  if (auto opened = transport->OpenDevice(prefixes.device); !opened) {
    return tl::unexpected(opened.error());
  }
  return transport;
}

}  // namespace joinery::health
