#include "tests/traffic/mptcp_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <linux/mptcp.h>
#include <linux/tcp.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

namespace joinery::traffic {
namespace {

// The kernel's own limit: the first subflow and seven more (MPTCP_SUBFLOWS_MAX).
constexpr size_t kMaxSubflows = 8;
constexpr int kBacklog = 1024;
// TCP_ESTABLISHED; <netinet/tcp.h> names it, but its tcp_info lacks the newer fields.
constexpr uint8_t kTcpEstablished = 1;

tl::unexpected<Error> FailErrno(std::string_view what) {
  return Fail(fmt::format("{}: {}", what, std::strerror(errno)));
}

Expected<Descriptor> MakeSocket(int family, Transport transport) {
  const int protocol = transport == Transport::kMptcp ? IPPROTO_MPTCP : IPPROTO_TCP;
  Descriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!fd.valid()) return FailErrno("socket");
  return fd;
}

// The layout that MPTCP_TCPINFO and MPTCP_SUBFLOW_ADDRS share: a header, then one element for each
// subflow.
template <typename Element>
struct SubflowData {
  mptcp_subflow_data header{};
  std::array<Element, kMaxSubflows> elements{};
};

// How many elements the kernel gave; 0 when the socket is not MPTCP.
template <typename Element>
size_t GetSubflowData(int fd, int option, SubflowData<Element>& data) {
  data.header.size_subflow_data = sizeof(data.header);
  data.header.size_user = sizeof(Element);
  socklen_t length = sizeof(data);
  if (::getsockopt(fd, SOL_MPTCP, option, &data, &length) != 0) return 0;
  return std::min<size_t>(data.header.num_subflows, kMaxSubflows);
}

Endpoint FromUnion(const void* address) noexcept {
  sockaddr_storage storage{};
  std::memcpy(&storage, address, sizeof(sockaddr_in6));
  return FromSockaddr(storage);
}

}  // namespace

std::string ToString(const Endpoint& endpoint) {
  const std::string address = joinery::ToString(endpoint.address);
  if (endpoint.address.is_v4()) return fmt::format("{}:{}", address, endpoint.port);
  return fmt::format("[{}]:{}", address, endpoint.port);
}

Expected<Endpoint> ParseEndpoint(std::string_view text) {
  const auto bad = [&] {
    return Fail(
        fmt::format("'{}' is no endpoint; allowed 198.18.0.1:80 or [2001:db8::1]:80", text));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::Parse(host);
  Endpoint endpoint;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), endpoint.port);
  if (!address || address->is_v4() == bracketed || error != std::errc{} ||
      end != port_text.data() + port_text.size() || endpoint.port == 0) {
    return bad();
  }
  endpoint.address = *address;
  return endpoint;
}

Endpoint FromSockaddr(const sockaddr_storage& from) noexcept {
  if (from.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof(v4));
    std::array<uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return {IpAddress::V4(bytes), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &from, sizeof(v6));
  std::array<uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    return {IpAddress::V4(std::span<const uint8_t, 16>(bytes).subspan<12, 4>()),
            ntohs(v6.sin6_port)};
  }
  return {IpAddress::V6(bytes), ntohs(v6.sin6_port)};
}

socklen_t ToSockaddr(const Endpoint& endpoint, sockaddr_storage& to) noexcept {
  to = {};
  const auto bytes = endpoint.address.bytes();
  if (endpoint.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&to, &v4, sizeof(v4));
    return sizeof(v4);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
  std::memcpy(&to, &v6, sizeof(v6));
  return sizeof(v6);
}

Expected<Descriptor> ListenOn(uint16_t port, Transport transport) {
  auto fd = MakeSocket(AF_INET6, transport);
  if (!fd) return fd;
  const int on = 1;
  const int off = 0;
  if (::setsockopt(fd->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      ::setsockopt(fd->get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0) {
    return FailErrno("setsockopt");
  }
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  any.sin6_port = htons(port);
  if (::bind(fd->get(), reinterpret_cast<const sockaddr*>(&any), sizeof(any)) != 0) {
    return FailErrno(fmt::format("bind to [::]:{}", port));
  }
  if (::listen(fd->get(), kBacklog) != 0) return FailErrno("listen");
  return fd;
}

Expected<Descriptor> ConnectTo(const Endpoint& remote, Transport transport, Deadline deadline) {
  auto fd = MakeSocket(remote.address.is_v4() ? AF_INET : AF_INET6, transport);
  if (!fd) return fd;
  sockaddr_storage to{};
  const socklen_t length = ToSockaddr(remote, to);
  if (::connect(fd->get(), reinterpret_cast<const sockaddr*>(&to), length) == 0) return fd;
  if (errno != EINPROGRESS) return FailErrno("connect");
  if (!WaitFor(fd->get(), POLLOUT, deadline)) return Fail("connect: no answer in time");
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(fd->get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    return FailErrno("connect");
  if (error != 0) return Fail(fmt::format("connect: {}", std::strerror(error)));
  return fd;
}

Expected<Endpoint> LocalEndpoint(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return FailErrno("getsockname");
  }
  return FromSockaddr(storage);
}

bool WaitFor(int fd, short events, Deadline deadline) noexcept {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wait{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

uint32_t ConnectionState::established() const noexcept {
  return static_cast<uint32_t>(
      std::ranges::count_if(subflows, [](const Subflow& s) { return s.established; }));
}

ConnectionState QueryConnection(int fd) {
  ConnectionState state;
  mptcp_info info{};
  socklen_t length = sizeof(info);
  // A socket that fell back is TCP for every purpose: SOL_MPTCP is then an unknown level.
  if (::getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &length) != 0) return state;
  if ((info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0) return state;
  state.mptcp = true;
  state.token = Token(info.mptcpi_token);
  state.attempted = info.mptcpi_local_addr_used;
  state.pending = info.mptcpi_subflows;

  SubflowData<mptcp_subflow_addrs> addresses;
  SubflowData<tcp_info> tcp;
  // Two calls: a subflow may come or go between them, so only what both have counts.
  const size_t count = std::min(GetSubflowData(fd, MPTCP_SUBFLOW_ADDRS, addresses),
                                GetSubflowData(fd, MPTCP_TCPINFO, tcp));
  for (size_t i = 0; i < count; ++i) {
    state.subflows.push_back({.local = FromUnion(&addresses.elements[i].ss_local),
                              .remote = FromUnion(&addresses.elements[i].ss_remote),
                              .established = tcp.elements[i].tcpi_state == kTcpEstablished,
                              .received = tcp.elements[i].tcpi_bytes_received});
  }
  return state;
}

}  // namespace joinery::traffic
