"""Debian's DPDK 22.11: drivers are plugins that rte_eal_init loads from its own directory.

Only //lb/dpdk may use these. The flags are pkg-config's, except that the headers come as system
headers, out of our warnings' reach, and that -march=corei7 is left out: it would win over the flags
of an engine that is built for a later CPU; -mssse3 is all that the headers need.
"""

DPDK_COPTS = [
    "-isystem",
    "/usr/include/dpdk",
    "-isystem",
    "/usr/include/x86_64-linux-gnu/dpdk",
    "-include",
    "rte_config.h",
    "-mssse3",
]

DPDK_LINKOPTS = ["-l" + library for library in [
    "rte_ethdev",
    "rte_mbuf",
    "rte_mempool",
    "rte_rcu",
    "rte_ring",
    "rte_bus_vdev",
    "rte_eal",
]]
