#include "control/health/mptcp_check.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <list>
#include <unistd.h>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/big_endian.h"
#include "control/health/syn_probe.h"
#include "wire/ipv4.h"

namespace joinery::health {
namespace {

namespace asio = boost::asio;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kRetransmit = std::chrono::seconds(1);  // RFC 6298 section 2
constexpr uint16_t kFirstPort = 0xc000;                // RFC 6335 section 6: dynamic ports
constexpr size_t kMaxSegment = 65'536;

// A probe that waits for its answer.
struct Waiting {
  SynProbe probe;
  asio::steady_timer* wake;
  std::optional<ReadAnswer> answer{};
};

Outcome Judge(const ReadAnswer& read, const std::function<TokenOwner(Token)>& owner) {
  switch (read.answer) {
    case SynAnswer::kReset:
      return {.ok = false, .detail = "nothing listens on the port"};
    case SynAnswer::kPlainTcp:
      return {.ok = false,
              .detail = "answers as plain TCP: the listener or the kernel speaks no MPTCP"};
    case SynAnswer::kMptcp:
      break;
  }
  const std::string token = fmt::format("token {:08x}", read.token.value());
  switch (owner(read.token)) {
    case TokenOwner::kSelf:
      return {.ok = true, .detail = token + " names this backend"};
    case TokenOwner::kUnread:
      return {.ok = true, .detail = "speaks MPTCP; " + token};
    case TokenOwner::kNobody:
      return {.ok = false,
              .detail = token + " names nobody: the backend has no scheme or no key ready"};
    case TokenOwner::kOther:
      return {.ok = false,
              .detail = token + " does not name this backend: no module, or an old key"};
  }
  return {};
}

}  // namespace

struct MptcpChecker::State {
  State(asio::io_context& io_context, int raw4, int raw6, Carrier& carrier_in, Random& random_in)
      : io(io_context), v4(io, raw4), v6(io, raw6), carrier(carrier_in), random(random_in) {}

  // A raw IPv4 socket gives the IP header too (raw(7)).
  void Read4() {
    v4.async_read_some(asio::buffer(buffer4), [this](const auto& error, size_t length) {
      if (error == asio::error::operation_aborted) return;
      const auto ip = wire::Ipv4View::Parse(std::span<const uint8_t>(buffer4).first(length));
      if (!error && ip) Take(ip->source(), ip->destination(), ip->payload());
      Read4();
    });
  }

  // A raw IPv6 socket does not (ipv6(7)): the peer's address comes beside the segment.
  void Read6() {
    v6.async_wait(asio::posix::stream_descriptor::wait_read, [this](const auto& error) {
      if (error) return;
      sockaddr_in6 from{};
      socklen_t size = sizeof from;
      const ssize_t length = ::recvfrom(v6.native_handle(), buffer6.data(), buffer6.size(),
                                        MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
      if (length > 0) {
        const IpAddress source =
            IpAddress::V6(std::span<const uint8_t, 16>(from.sin6_addr.s6_addr, 16));
        // Whom it is for follows from ports and sequence number: 64 bits that match by chance
        // never.
        for (Waiting* waiting : all) {
          if (!waiting->probe.source.is_v4()) {
            TakeFor(*waiting, source, waiting->probe.source,
                    std::span<const uint8_t>(buffer6).first(static_cast<size_t>(length)));
          }
        }
      }
      Read6();
    });
  }

  void Take(const IpAddress& source, const IpAddress& destination,
            std::span<const uint8_t> segment) {
    for (Waiting* waiting : all) TakeFor(*waiting, source, destination, segment);
  }

  static void TakeFor(Waiting& waiting, const IpAddress& source, const IpAddress& destination,
                      std::span<const uint8_t> segment) {
    const auto answer = ReadSynAnswer(waiting.probe, source, destination, segment);
    if (!answer || waiting.answer) return;
    waiting.answer = answer;
    waiting.wake->cancel();
  }

  asio::io_context& io;
  asio::posix::stream_descriptor v4;
  asio::posix::stream_descriptor v6;
  Carrier& carrier;
  Random& random;
  std::list<Waiting*> all;
  std::array<uint8_t, kMaxSegment> buffer4{};
  std::array<uint8_t, kMaxSegment> buffer6{};
};

Expected<std::unique_ptr<MptcpChecker>> MptcpChecker::Open(asio::io_context& io, Carrier& carrier,
                                                           Random& random) {
  constexpr int kFlags = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const int v4 = ::socket(AF_INET, kFlags, IPPROTO_TCP);
  const int v6 = ::socket(AF_INET6, kFlags, IPPROTO_TCP);
  if (v4 < 0 || v6 < 0) {
    const int error = errno;
    if (v4 >= 0) ::close(v4);
    if (v6 >= 0) ::close(v6);
    return Fail(
        fmt::format("the check mptcp needs raw sockets: {}; run as root or with the "
                    "capability CAP_NET_RAW",
                    std::strerror(error)));
  }
  auto state = std::make_unique<State>(io, v4, v6, carrier, random);
  state->Read4();
  state->Read6();
  return std::unique_ptr<MptcpChecker>(new MptcpChecker(std::move(state)));
}

MptcpChecker::MptcpChecker(std::unique_ptr<State> state) : state_(std::move(state)) {}
MptcpChecker::~MptcpChecker() = default;

asio::awaitable<Outcome> MptcpChecker::Run(Way way, Endpoints endpoints,
                                           std::function<TokenOwner(Token)> owner,
                                           Nanoseconds timeout) {
  State& state = *state_;
  asio::steady_timer wake(state.io);
  Waiting waiting{.probe = {.source = endpoints.source,
                            .vip = endpoints.vip,
                            .source_port = Port(static_cast<uint16_t>(
                                kFirstPort + state.random.Below(UINT16_MAX - kFirstPort))),
                            .vip_port = endpoints.port,
                            .sequence_number = state.random.Uint32()},
                  .wake = &wake};
  const auto place = state.all.insert(state.all.end(), &waiting);
  const std::vector<uint8_t> syn = BuildSyn(waiting.probe);
  const auto end = std::chrono::steady_clock::now() + timeout;
  Expected<void> sent;
  while (sent && !waiting.answer && std::chrono::steady_clock::now() < end) {
    sent = state.carrier.Send(way, syn);
    wake.expires_at(std::min(end, std::chrono::steady_clock::now() + kRetransmit));
    if (sent) static_cast<void>(co_await wake.async_wait(kAwait));
  }
  state.all.erase(place);
  if (!sent) co_return Outcome{.ok = false, .detail = sent.error().message};
  if (!waiting.answer) co_return Outcome{.ok = false, .detail = "no answer to the SYN"};
  co_return Judge(*waiting.answer, owner);
}

}  // namespace joinery::health
