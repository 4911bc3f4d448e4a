#include "backend/agent/checks/put_right.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "backend/agent/checks/gather.h"
#include "backend/agent/checks/mptcp_pm.h"

namespace joinery::agent {
namespace {

struct FreeSocket {
  void operator()(nl_sock* socket) const { nl_socket_free(socket); }
};
struct FreeMessage {
  void operator()(nl_msg* message) const { nlmsg_free(message); }
};

// `ip address add ADDRESS/32 dev lo`; /128 and without duplicate detection for IPv6. An address
// that is there already is no error.
Expected<void> AddToLoopback(const IpAddress& address) {
  const std::unique_ptr<nl_sock, FreeSocket> socket(nl_socket_alloc());
  const std::unique_ptr<nl_msg, FreeMessage> message(
      nlmsg_alloc_simple(RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL));
  if (!socket || !message) return Fail("no memory for a request to the kernel");
  const auto bytes = address.bytes();
  ifaddrmsg header{};
  header.ifa_family = address.is_v4() ? AF_INET : AF_INET6;
  header.ifa_prefixlen = static_cast<uint8_t>(bytes.size() * 8);
  header.ifa_flags = address.is_v4() ? 0 : IFA_F_NODAD;
  header.ifa_scope = RT_SCOPE_UNIVERSE;
  header.ifa_index = if_nametoindex("lo");
  const int size = static_cast<int>(bytes.size());
  if (nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO) < 0 ||
      nla_put(message.get(), IFA_LOCAL, size, bytes.data()) < 0 ||
      nla_put(message.get(), IFA_ADDRESS, size, bytes.data()) < 0) {
    return Fail("no memory for a request to the kernel");
  }
  int error = nl_connect(socket.get(), NETLINK_ROUTE);
  if (error >= 0) error = nl_send_auto(socket.get(), message.get());
  if (error >= 0) error = nl_wait_for_ack(socket.get());
  if (error >= 0 || error == -NLE_EXIST) return {};
  return Fail(fmt::format("{} on lo: {}", ToString(address), nl_geterror(error)));
}

}  // namespace

Expected<void> PutSysctl(const std::string& proc_sys, const WriteSysctl& sysctl) {
  const std::string path = proc_sys + "/" + SysctlPath(sysctl.name);
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return Fail(fmt::format("{}: {}", sysctl.name, std::strerror(errno)));
  const ssize_t written = write(fd, sysctl.value.data(), sysctl.value.size());
  const int error = errno;
  close(fd);
  if (written == static_cast<ssize_t>(sysctl.value.size())) return {};
  return Fail(fmt::format("{}: {}", sysctl.name, std::strerror(error)));
}

Expected<void> PutRight(const Mend& mend) {
  if (const auto* sysctl = std::get_if<WriteSysctl>(&mend)) return PutSysctl("/proc/sys", *sysctl);
  if (const auto* vip = std::get_if<AddVip>(&mend)) return AddToLoopback(vip->address);
  return WriteMptcpLimits(std::get<SetLimits>(mend).limits);
}

}  // namespace joinery::agent
