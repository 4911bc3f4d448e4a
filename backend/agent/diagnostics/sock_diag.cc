#include "backend/agent/diagnostics/sock_diag.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

namespace joinery::agent {
namespace {

// States of Linux include/net/tcp_states.h, which libc spells in <netinet/tcp.h>.
constexpr uint32_t kEstablished = 1U << 1;
constexpr uint32_t kFinWait1 = 1U << 4;
constexpr uint32_t kFinWait2 = 1U << 5;
constexpr uint32_t kCloseWait = 1U << 8;
constexpr uint32_t kLastAck = 1U << 9;
constexpr uint32_t kListen = 1U << 10;
constexpr uint32_t kClosing = 1U << 11;
constexpr uint32_t kConnections =
    kEstablished | kFinWait1 | kFinWait2 | kCloseWait | kLastAck | kClosing;

// sdiag_protocol has 8 bits; with this value the attribute says the protocol.
constexpr uint8_t kProtocolInAttribute = 255;
constexpr uint32_t kMptcp = 262;  // IPPROTO_MPTCP

constexpr size_t kMptcpInfoUsed = offsetof(mptcp_info, mptcpi_token) + sizeof(uint32_t);

// Rows beyond this are not read: a host has fewer sockets, or something is wrong.
constexpr size_t kMaxRows = size_t{16} << 20;

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};

// What a dump collects, and why it stopped.
struct Collected {
  std::vector<SocketRow> rows;
  bool too_many = false;
};

IpAddress AddressOf(uint8_t family, const uint32_t* words) {
  std::array<uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), words, bytes.size());
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const std::span<const uint8_t, 16> all(bytes);
  if (family == AF_INET) return IpAddress::V4(all.first<4>());
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return IpAddress::V4(all.last<4>());
  }
  return IpAddress::V6(all);
}

int OnRow(nl_msg* message, void* argument) {
  auto& collected = *static_cast<Collected*>(argument);
  nlmsghdr* header = nlmsg_hdr(message);
  if (!nlmsg_valid_hdr(header, sizeof(inet_diag_msg))) return NL_SKIP;
  if (collected.rows.size() == kMaxRows) {
    collected.too_many = true;
    return NL_STOP;
  }
  inet_diag_msg diag{};
  std::memcpy(&diag, nlmsg_data(header), sizeof(diag));
  SocketRow row{.local = AddressOf(diag.idiag_family, diag.id.idiag_src),
                .local_port = Port(ntohs(diag.id.idiag_sport)),
                .cookie = uint64_t{diag.id.idiag_cookie[1]} << 32 | diag.id.idiag_cookie[0],
                .token = Token()};
  nlattr* info = nlmsg_find_attr(header, sizeof(diag), INET_DIAG_INFO);
  if (info != nullptr && static_cast<size_t>(nla_len(info)) >= kMptcpInfoUsed) {
    mptcp_info mptcp{};
    std::memcpy(&mptcp, nla_data(info),
                std::min(sizeof(mptcp), static_cast<size_t>(nla_len(info))));
    row.token = Token(mptcp.mptcpi_token);
    row.fallen_back = (mptcp.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK) != 0;
  }
  nlattr* v6_only = nlmsg_find_attr(header, sizeof(diag), INET_DIAG_SKV6ONLY);
  row.v6_only = v6_only != nullptr && nla_len(v6_only) >= 1 && nla_get_u8(v6_only) != 0;
  collected.rows.push_back(row);
  return NL_OK;
}

// One dump of one family.
Expected<void> Dump(nl_sock* socket, uint8_t family, bool mptcp, uint32_t states) {
  const std::unique_ptr<nl_msg, FreeMessage> message(
      nlmsg_alloc_simple(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP));
  inet_diag_req_v2 request{};
  request.sdiag_family = family;
  request.sdiag_protocol = mptcp ? kProtocolInAttribute : uint8_t{IPPROTO_TCP};
  request.idiag_states = states;
  // tcp_info is large and of no use here.
  if (mptcp) request.idiag_ext = 1U << (INET_DIAG_INFO - 1);
  if (!message || nlmsg_append(message.get(), &request, sizeof(request), NLMSG_ALIGNTO) < 0 ||
      (mptcp && nla_put_u32(message.get(), INET_DIAG_REQ_PROTOCOL, kMptcp) < 0)) {
    return Fail("no memory for a request to the kernel");
  }
  if (const int sent = nl_send_auto(socket, message.get()); sent < 0) {
    return Fail(fmt::format("sock_diag: {}", nl_geterror(sent)));
  }
  if (const int received = nl_recvmsgs_default(socket); received < 0) {
    return Fail(fmt::format("sock_diag of {}: {}{}", mptcp ? "MPTCP" : "TCP", nl_geterror(received),
                            mptcp ? "; modprobe mptcp_diag" : "; modprobe tcp_diag"));
  }
  return {};
}

}  // namespace

Expected<std::vector<SocketRow>> ListSockets(SocketKind kind) {
  const bool mptcp = kind == SocketKind::kMptcpConnections || kind == SocketKind::kMptcpListeners;
  const bool listeners = kind == SocketKind::kMptcpListeners || kind == SocketKind::kTcpListeners;
  // An MPTCP connection is in the list while others can join it, whatever its state.
  const uint32_t states = listeners ? kListen : mptcp ? ~kListen : kConnections;

  const std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  if (!socket) return Fail("no memory for a netlink socket");
  if (const int connected = nl_connect(socket.get(), NETLINK_SOCK_DIAG); connected < 0) {
    return Fail(fmt::format("sock_diag: {}", nl_geterror(connected)));
  }
  Collected collected;
  nl_socket_disable_seq_check(socket.get());
  nl_socket_modify_cb(socket.get(), NL_CB_VALID, NL_CB_CUSTOM, &OnRow, &collected);
  for (const uint8_t family : {uint8_t{AF_INET}, uint8_t{AF_INET6}}) {
    if (auto dumped = Dump(socket.get(), family, mptcp, states); !dumped) {
      return Fail(dumped.error().message);
    }
  }
  if (collected.too_many) return Fail(fmt::format("more than {} sockets", kMaxRows));
  return std::move(collected.rows);
}

}  // namespace joinery::agent
