#include "backend/agent/checks/mptcp_pm.h"

#include <memory>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <span>

#include <fmt/format.h>

#include <linux/mptcp.h>

namespace joinery::agent {
namespace {

constexpr size_t kMaxEndpoints = 256;  // the kernel allows fewer

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};
using Message = std::unique_ptr<nl_msg, FreeMessage>;

// A connection to the path manager.
class PathManager {
 public:
  [[nodiscard]] static Expected<PathManager> Open() {
    PathManager manager;
    manager.socket_.reset(nl_socket_alloc());
    if (!manager.socket_) return Fail("no memory for a netlink socket");
    if (const int error = genl_connect(manager.socket_.get()); error < 0) return Say(error);
    manager.family_ = genl_ctrl_resolve(manager.socket_.get(), MPTCP_PM_NAME);
    if (manager.family_ < 0) return Fail("mptcp_pm: this kernel has no MPTCP");
    return manager;
  }

  [[nodiscard]] Message Request(uint8_t command, int flags) const {
    Message message(nlmsg_alloc());
    if (message) {
      genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family_, 0, flags, command,
                  MPTCP_PM_VER);
    }
    return message;
  }

  // Sends it and hands each answer to `on_answer`, with `argument`.
  Expected<void> Call(nl_msg* message, nl_recvmsg_msg_cb_t on_answer, void* argument) {
    if (on_answer != nullptr) {
      nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, on_answer, argument);
    }
    if (const int sent = nl_send_auto(socket_.get(), message); sent < 0) return Say(sent);
    // The answers, then the acknowledgement or the end of the dump.
    if (const int error = nl_recvmsgs_default(socket_.get()); error < 0) return Say(error);
    return {};
  }

 private:
  static tl::unexpected<Error> Say(int error) {
    return Fail(fmt::format("mptcp_pm: {}", nl_geterror(error)));
  }
  std::unique_ptr<nl_sock, FreeSocket> socket_;
  int family_ = -1;
};

int OnLimits(nl_msg* message, void* argument) {
  auto& limits = *static_cast<MptcpLimits*>(argument);
  genlmsghdr* header = static_cast<genlmsghdr*>(nlmsg_data(nlmsg_hdr(message)));
  nlattr* subflows =
      nla_find(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), MPTCP_PM_ATTR_SUBFLOWS);
  nlattr* accepted = nla_find(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0),
                              MPTCP_PM_ATTR_RCV_ADD_ADDRS);
  if (subflows != nullptr && nla_len(subflows) >= 4) limits.subflows = nla_get_u32(subflows);
  if (accepted != nullptr && nla_len(accepted) >= 4) {
    limits.add_addr_accepted = nla_get_u32(accepted);
  }
  return NL_OK;
}

// The bytes of an attribute, or nothing when it is not there or has another length.
template <size_t kSize>
std::optional<std::span<const uint8_t, kSize>> Bytes(nlattr* attribute) {
  if (attribute == nullptr || nla_len(attribute) != static_cast<int>(kSize)) return std::nullopt;
  return std::span<const uint8_t, kSize>(static_cast<const uint8_t*>(nla_data(attribute)), kSize);
}

int OnEndpoint(nl_msg* message, void* argument) {
  auto& endpoints = *static_cast<std::vector<MptcpEndpoint>*>(argument);
  genlmsghdr* header = static_cast<genlmsghdr*>(nlmsg_data(nlmsg_hdr(message)));
  nlattr* address =
      nla_find(genlmsg_attrdata(header, 0), genlmsg_attrlen(header, 0), MPTCP_PM_ATTR_ADDR);
  if (address == nullptr || endpoints.size() == kMaxEndpoints) return NL_OK;
  const auto part = [address](int type) {
    return nla_find(static_cast<nlattr*>(nla_data(address)), nla_len(address), type);
  };
  MptcpEndpoint endpoint{.address = {}, .port = Port()};
  if (const auto v4 = Bytes<4>(part(MPTCP_PM_ADDR_ATTR_ADDR4))) {
    endpoint.address = IpAddress::V4(*v4);
  } else if (const auto v6 = Bytes<16>(part(MPTCP_PM_ADDR_ATTR_ADDR6))) {
    endpoint.address = IpAddress::V6(*v6);
  }
  if (nlattr* port = part(MPTCP_PM_ADDR_ATTR_PORT); port != nullptr && nla_len(port) >= 2) {
    endpoint.port = Port(nla_get_u16(port));
  }
  if (nlattr* flags = part(MPTCP_PM_ADDR_ATTR_FLAGS); flags != nullptr && nla_len(flags) >= 4) {
    const uint32_t bits = nla_get_u32(flags);
    endpoint.signals = (bits & MPTCP_PM_ADDR_FLAG_SIGNAL) != 0;
    endpoint.opens_subflows =
        (bits & (MPTCP_PM_ADDR_FLAG_SUBFLOW | MPTCP_PM_ADDR_FLAG_FULLMESH)) != 0;
  }
  endpoints.push_back(endpoint);
  return NL_OK;
}

}  // namespace

Expected<MptcpLimits> ReadMptcpLimits() {
  auto manager = PathManager::Open();
  if (!manager) return Fail(manager.error().message);
  const Message message = manager->Request(MPTCP_PM_CMD_GET_LIMITS, 0);
  MptcpLimits limits;
  if (auto called = manager->Call(message.get(), &OnLimits, &limits); !called) {
    return Fail(called.error().message);
  }
  return limits;
}

Expected<void> WriteMptcpLimits(const MptcpLimits& limits) {
  auto manager = PathManager::Open();
  if (!manager) return Fail(manager.error().message);
  const Message message = manager->Request(MPTCP_PM_CMD_SET_LIMITS, NLM_F_ACK);
  if (!message ||
      nla_put_u32(message.get(), MPTCP_PM_ATTR_RCV_ADD_ADDRS, limits.add_addr_accepted) < 0 ||
      nla_put_u32(message.get(), MPTCP_PM_ATTR_SUBFLOWS, limits.subflows) < 0) {
    return Fail("no memory for a request to the kernel");
  }
  return manager->Call(message.get(), nullptr, nullptr);
}

Expected<std::vector<MptcpEndpoint>> ReadMptcpEndpoints() {
  auto manager = PathManager::Open();
  if (!manager) return Fail(manager.error().message);
  const Message message = manager->Request(MPTCP_PM_CMD_GET_ADDR, NLM_F_DUMP);
  std::vector<MptcpEndpoint> endpoints;
  if (auto called = manager->Call(message.get(), &OnEndpoint, &endpoints); !called) {
    return Fail(called.error().message);
  }
  return endpoints;
}

}  // namespace joinery::agent
