#!/usr/bin/env python3
"""Path MTU discovery through the balancer, with real kernels. A router behind the servers knows a
smaller MTU and says so to the VIP: joinery-lb brings it to the backend whose packet it quotes, when
the quote is long and when it is 8 bytes of TCP, when the flow cache knows the flow and when the
balancer has just been started. As the control, without these messages the transfer stalls."""

import subprocess
from pathlib import Path

from scenario import BACKENDS, PORT, random_ids, run_scenario
from topology import CLIENT_FIRST, VIPS

FAMILIES = {4: 0, 6: 1}  # -> index in pairs of addresses
PATH_MTU = 1300  # of the link behind the servers
STALL_S = 3  # long enough for a transfer that takes milliseconds
HERE = Path(__file__).parent
UPLOAD = ["/usr/bin/python3", str(HERE / "upload.py")]
CUTTER = ["/usr/bin/python3", str(HERE / "quote_cutter.py")]
ICMP = {4: "icmp", 6: "ipv6-icmp"}
DEADLINE_S = 10


class Upload:
    """A connection of the client that is open and will send, and be sent, whole segments."""

    def __init__(self, bed, family, deadline_s=15):
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*bed.topology.client.enter(), *UPLOAD, VIPS[FAMILIES[family]], str(PORT), "--hold",
             "--deadline", str(deadline_s)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.backend = self._process.stdout.readline().split()[1]

    def finish(self):
        """Transfers. Returns the bytes of a segment, or None when it stalls."""
        out, _ = self._process.communicate("go\n", timeout=60)
        return int(out) if self._process.returncode == 0 else None


def small_link(bed, mtu):
    """The router's way to the client takes packets up to this."""
    router = bed.topology.router
    router.ip(f"route replace 198.18.1.0/24 dev a mtu lock {mtu}")
    router.ip(f"route replace 2001:db8:1::/64 dev a proto kernel metric 256 mtu lock {mtu}",
              family=6)


def known_mtus(bed, family):
    """{backend: the MTU that its kernel has learnt of the path to the client}."""
    at, known = FAMILIES[family], {}
    for backend in bed.backends:
        words = backend.host.run("ip", f"-{family}", "route", "get", CLIENT_FIRST[at], "from",
                                 VIPS[at]).stdout.split()
        if "mtu" in words:
            known[backend.plan.name] = int(words[words.index("mtu") + 1])
    return known


def forget_mtus(bed):
    """As if nobody had learnt anything."""
    for host in (bed.topology.client, *(backend.host for backend in bed.backends)):
        for family in FAMILIES:
            host.ip("route flush cache", family=family)


def errors_of(balancer):
    """How many ICMP errors the balancer steered, and how many of them to all."""
    steer = balancer.steer()
    return steer["notes"]["icmp_error"], steer["actions"]["copy"]


def try_download(bed, checks, balancer, family, name, *, restart=False):
    """The backend learns the MTU of the path to the client."""
    forget_mtus(bed)
    upload = Upload(bed, family)
    if restart:
        balancer.restart()
    before = errors_of(balancer)
    segment = upload.finish()
    errors, copies = (now - then for now, then in zip(errors_of(balancer), before))
    checks.check(f"{name}: the transfer ends", segment is not None)
    checks.equal(f"{name}: its backend has learnt the MTU",
                 known_mtus(bed, family).get(upload.backend), PATH_MTU)
    checks.check(f"{name}: by {errors} errors, {copies} of them to all backends",
                 errors > 0 and (copies == errors if restart else copies == 0))


def try_without(bed, checks, family):
    """The control: the router's messages are lost."""
    forget_mtus(bed)
    router = bed.topology.router
    rule = f"pref 5 ipproto {ICMP[family]} to {VIPS[FAMILIES[family]]} blackhole"
    upload = Upload(bed, family, STALL_S)
    router.ip(f"rule add {rule}", family=family)
    checks.equal(f"IPv{family}, the control: without the messages the transfer stalls",
                 upload.finish(), None)
    router.ip(f"rule delete {rule}", family=family)


def cut_quotes(bed):
    """From now on the router's errors quote 8 bytes of TCP."""
    router = bed.topology.router
    router.spawn([*CUTTER, "cut"], bed.log_path("cutter")).wait_for_output("cuts", DEADLINE_S)
    router.sysctl({"net.ipv4.conf.cut.rp_filter": 0, "net.ipv4.conf.all.rp_filter": 0,
                   "net.ipv4.conf.cut.accept_local": 1})
    router.ip("link set cut up")
    for family, at in FAMILIES.items():
        router.ip("rule add pref 5 iif cut lookup main",
                  f"rule add pref 6 ipproto {ICMP[family]} lookup 77",
                  f"route add {VIPS[at]} dev cut table 77", family=family)


def body(bed, checks):
    """The scenario."""
    backends = bed.namespace_backends(random_ids(BACKENDS))
    for backend in backends:
        backend.serve([PORT])
    balancer = bed.balancer(bed.pool(backends, ports=(PORT,)))
    balancer.start()
    small_link(bed, PATH_MTU)
    for family in FAMILIES:
        try_without(bed, checks, family)
        try_download(bed, checks, balancer, family, f"IPv{family}, long quotes")
        try_download(bed, checks, balancer, family, f"IPv{family}, long quotes, a new balancer",
                     restart=True)
    cut_quotes(bed)
    for family in FAMILIES:
        try_download(bed, checks, balancer, family, f"IPv{family}, 8 bytes of TCP quoted")
        try_download(bed, checks, balancer, family,
                     f"IPv{family}, 8 bytes of TCP quoted, a new balancer", restart=True)
    balancer.stop()


if __name__ == "__main__":
    run_scenario(body)
