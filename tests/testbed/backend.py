"""Backends: servers that have the VIPs on lo and answer straight to the router.

A backend is a namespace (this machine's kernel), or a guest with Debian's stock kernel, which alone
can load the module that puts the backend's ID into its tokens.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from host import CONGESTION_CONTROL, TestbedError, parse_counters, wait_until
from need import ROOT, NeedError, our_program
from topology import (LAN_BACKENDS, LAN_ROUTER, VIPS, address_lines, default_lines, lan_addresses,
                      lan_mac)

sys.path.append(str(ROOT / "tests" / "guest"))
# pylint: disable=wrong-import-position,import-error
from guest import Guest, GuestError  # noqa: E402
from guest import NeedError as GuestNeedError  # noqa: E402

# All that can go wrong with a testbed: to be said in one line, not as a traceback.
FAILURES = (TestbedError, NeedError, GuestError, GuestNeedError, OSError)

SERVER_START_S = 10

# ARP for the VIP belongs to the balancer alone: a backend that answered would take its traffic.
SYSCTLS = {"net.ipv4.conf.all.arp_ignore": 1, "net.ipv4.conf.all.arp_announce": 2,
           "net.ipv4.conf.all.rp_filter": 0, "net.ipv4.conf.default.rp_filter": 0,
           "net.ipv4.tcp_congestion_control": CONGESTION_CONTROL}


@dataclass(frozen=True)
class BackendPlan:
    """What the balancer and the testbed must agree on."""
    name: str
    backend_id: int
    number: int  # of the host on the LAN
    over_ipv6: bool = False  # how the balancer finds its link address: ARP, or ND
    encap: str = "l2"

    @property
    def address(self):
        """Its address on the LAN, as the balancer's configuration has it."""
        return lan_addresses(self.number)[self.over_ipv6]

    @property
    def mac(self):
        """Its MAC address there."""
        return lan_mac(self.number)


def plan_backends(ids):
    """web1, web2, ... with these backend IDs; every third is known by its IPv6 address."""
    return [BackendPlan(f"web{i}", backend_id, LAN_BACKENDS + i - 1, i % 3 == 0)
            for i, backend_id in enumerate(ids, start=1)]


def _network_lines(plan):
    return [*address_lines("eth0", lan_addresses(plan.number)),
            *address_lines("lo", VIPS, (32, 128)),
            *default_lines(lan_addresses(LAN_ROUTER)),
            "mptcp limits set subflow 8 add_addr_accepted 0"]


class NamespaceBackend:
    """A backend in a namespace."""

    def __init__(self, topology, plan, directory):
        self.plan = plan
        self._directory = directory
        self.host = topology.host(plan.name)
        topology.plug(self.host, plan.number)
        self.host.sysctl(SYSCTLS)
        self.host.ip(*_network_lines(plan))

    def serve(self, ports):
        """Starts mptcp-server."""
        command = [our_program("mptcp-server"), "--name", self.plan.name]
        for port in ports:
            command += ["--port", str(port)]
        process = self.host.spawn(command, f"{self._directory}/{self.plan.name}-server.log")
        process.wait_for_output("listens on", SERVER_START_S)

    def counters(self):
        """Of its kernel."""
        return self.host.counters()

    def close(self):
        """It goes with the topology."""


class GuestBackend:
    """A backend in a guest. start() boots, wait_ready() ends the boot: several boot side by
    side."""

    def __init__(self, topology, plan, directory, *, files=None, sysctls=None, **options):
        self.plan = plan
        server = our_program("mptcp-server")
        setup = "\n".join([
            "ip link set dev eth0 up", *(f"ip {line}" for line in _network_lines(plan))])
        self.guest = Guest(
            plan.name, tap=topology.tap(plan.number), mac=lan_mac(plan.number),
            netns=topology.lan.netns, setup=setup,
            files={"/usr/bin/mptcp-server": server, **(files or {})},
            sysctls={**SYSCTLS, "net.ipv6.conf.all.accept_dad": 0,
                     "net.ipv6.conf.default.accept_dad": 0, **(sysctls or {})},
            log=f"{directory}/{plan.name}-console.log", **options)

    def start(self):
        """Begins the boot."""
        self.guest.start()

    def wait_ready(self):
        """Ends it."""
        self.guest.wait_ready()

    def serve(self, ports):
        """Starts mptcp-server."""
        options = " ".join(f"--port {port}" for port in ports)
        self.guest.check(f"mptcp-server --name {self.plan.name} {options} "
                         "> /run/server.log 2>&1 < /dev/null &")
        wait_until(lambda: "listens on" in self.guest.run("cat /run/server.log")[1],
                   SERVER_START_S, f"{self.plan.name}: mptcp-server listens")

    def counters(self):
        """Of its kernel."""
        return parse_counters(self.guest.check("cat /proc/net/netstat"))

    def close(self):
        """Ends QEMU."""
        self.guest.stop()


def boot(backends):
    """Boots guests side by side; returns the seconds it took."""
    begin = time.monotonic()
    for backend in backends:
        backend.start()
    for backend in backends:
        backend.wait_ready()
    return time.monotonic() - begin


def side_by_side(backends, work):
    """work(backend) for all, each in a thread: what takes long happens in the guests."""
    with ThreadPoolExecutor(len(backends)) as pool:
        list(pool.map(work, backends))  # raises what the first of them raised


def log_files(directory):
    """The logs of a run, for messages."""
    return sorted(str(path) for path in Path(directory).glob("*.log"))
