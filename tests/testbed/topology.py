"""The hosts, cables and addresses of the testbed.

      client                      router                lan (one bridge)
    ┌────────┐ 198.18.1.0/24   ┌──────────┐           ┌──────────────────┐
    │   eth1 ├─────────────────┤ a        │           │   lb    joinery  │
    │        │                 │      lan ├───────────┤   web1  backends │
    │   eth2 ├─────────────────┤ b        │  .10.0/24 │   web2           │
    └────────┘ 198.18.2.0/24   └──────────┘           │   web3           │
                                                      └──────────────────┘

The router sends the VIPs to the balancer's own address. The backends have the VIPs on their lo and
answer through the router, past the balancer. IPv6 is beside IPv4 everywhere: 2001:db8:N::/64 where
198.18.N.0/24 is.
"""

from host import Host, link, run

CLIENT_FIRST = ("198.18.1.2", "2001:db8:1::2")
CLIENT_SECOND = ("198.18.2.2", "2001:db8:2::2")
VIPS = ("198.18.100.1", "2001:db8:100::1")
CLIENT_THIRD = ("198.18.2.3", "2001:db8:2::3")  # on the second link; only when asked for
THIRD_ENDPOINTS = (33, 34)  # their IDs
SECOND_TABLE = 102  # of the client: routes for packets from its second addresses
LAN_ROUTER = 1
LAN_BALANCERS = (2, 3)
LAN_CONTROL = 5
LAN_BACKENDS = 11  # and those after it
PREFIX_BITS = (24, 64)


def lan_addresses(number):
    """The IPv4 and the IPv6 address of host `number` of the LAN."""
    return f"198.18.10.{number}", f"2001:db8:10::{number:x}"


def lan_mac(number):
    """Its MAC address."""
    return f"02:00:00:00:0a:{number:02x}"


def address_lines(interface, addresses, bits=PREFIX_BITS):
    """ip(8) commands that give an interface its IPv4 and its IPv6 address."""
    return [f"address add {addresses[0]}/{bits[0]} dev {interface}",
            f"address add {addresses[1]}/{bits[1]} dev {interface} nodad"]


def default_lines(addresses, table=None):
    """ip(8) commands for default routes of both families through these gateways."""
    suffix = f" table {table}" if table else ""
    return [f"route add default via {addresses[0]}{suffix}",
            f"route add default via {addresses[1]}{suffix}"]


class Topology:
    """Client, router and LAN; balancers and backends plug into the LAN."""

    def __init__(self, prefix):
        self._prefix = prefix
        self._hosts = []
        self._has_third = False
        try:
            self.client = self.host("client")
            self.router = self.host("router")
            self.lan = self.host("lan")
            self._make_lan()
            self._make_client()
        except BaseException:
            self.close()
            raise

    def host(self, role):
        """A new host, removed with the topology."""
        host = Host(self._prefix, role)
        self._hosts.append(host)
        return host

    def hosts(self):
        """All of them, in the order of their making."""
        return list(self._hosts)

    def plug(self, host, number):
        """Connects a host to the LAN as its eth0, without addresses."""
        port = f"port{number}"
        link(self.lan, port, host, "eth0")
        host.ip(f"link set dev eth0 address {lan_mac(number)}")
        self.lan.ip(f"link set dev {port} master bridge")

    def tap(self, number):
        """A tap device on the LAN's bridge; returns its name."""
        name = f"tap{number}"
        self.lan.ip(f"tuntap add dev {name} mode tap", f"link set dev {name} master bridge",
                    f"link set dev {name} up")
        return name

    def route_vips(self, *gateways):
        """The router sends the VIPs to these (IPv4, IPv6) addresses; over several it spreads them
        by the 5-tuple; without one it refuses them."""
        for family, vip in enumerate(VIPS):
            hops = [f"nexthop via {gateway[family]} dev lan" for gateway in gateways]
            self.router.ip(f"route replace {' '.join([vip, *hops])}" if hops else
                           f"route replace unreachable {vip}")

    def add_third_addresses(self):
        """The client gets one more address of each family, and every connection that there is, or
        will be, one more subflow from there."""
        if not self._has_third:
            self.client.ip(*address_lines("eth2", CLIENT_THIRD),
                           f"rule add from {CLIENT_THIRD[0]} lookup {SECOND_TABLE}")
            self.client.ip(f"rule add from {CLIENT_THIRD[1]} lookup {SECOND_TABLE}", family=6)
            self._has_third = True
        self.client.ip("mptcp limits set subflow 2",
                       *(f"mptcp endpoint add {address} id {number} dev eth2 subflow"
                         for address, number in zip(CLIENT_THIRD, THIRD_ENDPOINTS)))

    def remove_third_addresses(self):
        """And their subflows. MPTCP knows them no longer; the interface keeps them, so that what is
        closed can say so to the servers."""
        self.client.ip(*(f"mptcp endpoint delete id {number}" for number in THIRD_ENDPOINTS),
                       "mptcp limits set subflow 1")

    def close(self):
        """Removes all."""
        for host in reversed(self._hosts):
            host.close()
        self._hosts = []

    def _make_lan(self):
        self.lan.ip("link add bridge type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
                    "link set dev bridge up")
        link(self.lan, "port1", self.router, "lan")
        self.lan.ip("link set dev port1 master bridge")
        self.router.sysctl({"net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1,
                            "net.ipv4.conf.all.send_redirects": 0,
                            "net.ipv4.conf.default.send_redirects": 0,
                            "net.ipv4.fib_multipath_hash_policy": 1,
                            "net.ipv6.fib_multipath_hash_policy": 1})
        self.router.ip(f"link set dev lan address {lan_mac(LAN_ROUTER)}",
                       *address_lines("lan", lan_addresses(LAN_ROUTER)))

    def _make_client(self):
        """Two links; what comes from the second address leaves by the second link. Each new
        connection opens one more subflow, from the second address of its family."""
        for cable, (side, number) in enumerate((("a", 1), ("b", 2)), start=1):
            link(self.client, f"eth{cable}", self.router, side)
            self.router.ip(*address_lines(side, (f"198.18.{number}.1", f"2001:db8:{number}::1")))
        self.client.ip(
            *address_lines("eth1", CLIENT_FIRST), *address_lines("eth2", CLIENT_SECOND),
            *default_lines(("198.18.1.1", "2001:db8:1::1")),
            *default_lines(("198.18.2.1 dev eth2", "2001:db8:2::1 dev eth2"), SECOND_TABLE),
            f"rule add from {CLIENT_SECOND[0]} lookup {SECOND_TABLE}",
            "mptcp limits set subflow 1 add_addr_accepted 0",
            f"mptcp endpoint add {CLIENT_SECOND[0]} dev eth2 subflow",
            f"mptcp endpoint add {CLIENT_SECOND[1]} dev eth2 subflow")
        self.client.ip(f"rule add from {CLIENT_SECOND[1]} lookup {SECOND_TABLE}", family=6)


def is_reachable(host, address):
    """One ping."""
    return run(host.enter() + ["ping", "-c", "1", "-W", "1", address], check=False).returncode == 0
