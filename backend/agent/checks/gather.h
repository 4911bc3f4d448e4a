// Finds out what is the case on this server: /proc/sys, /sys/class/net, getifaddrs(3), netlink.
// What can not be found out is said in Facts::trouble.
#pragma once

#include <map>
#include <string>

#include "backend/agent/checks/facts.h"
#include "base/expected.h"

namespace joinery::agent {

// "net.ipv4.conf.eth0.100.rp_filter" -> "net/ipv4/conf/eth0.100/rp_filter": an interface's name
// may have dots, so it is given apart.
[[nodiscard]] std::string SysctlPath(const std::string& name);

// The sysctls that checks look at, under `proc_sys` ("/proc/sys"), for all of these interfaces.
[[nodiscard]] std::map<std::string, std::string> ReadSysctls(
    const std::string& proc_sys, const std::vector<std::string>& interfaces);

// Their types under `sys_class_net` ("/sys/class/net").
[[nodiscard]] std::vector<InterfaceFacts> ReadInterfaces(const std::string& sys_class_net);

// All but the encoder's part.
[[nodiscard]] Facts Gather();

}  // namespace joinery::agent
