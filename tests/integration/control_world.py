"""The world of the control plane's scenarios, and what holds in it at any time."""

# First: it finds the testbed.
from scenario import counters_of
from backend import side_by_side
from host import wait_until
from managed import Managed

BALANCERS = (2, 3)
BACKENDS = 3
SPARE = 1  # backends that are not in control's file at first
SETTLE_S = 40
JOIN_COUNTERS = ("MPTcpExtMPJoinNoTokenFound", "MPTcpExtMPJoinAckHMacFailure")


class World(Managed):
    """Four guests, two balancers, one control."""

    def __init__(self, bed, *, settings, files):
        # The IDs of these plans mean nothing: control draws its own.
        guests = bed.guest_backends(range(BACKENDS + SPARE), files=files, memory_mib=256)
        self._unroutable = 0
        self._before = counters_of(guests)
        super().__init__(bed, guests[:BACKENDS], spare=guests[BACKENDS:], balancers=BALANCERS,
                         settings=settings)
        side_by_side(guests, lambda guest: guest.serve(settings.ports))

    def names(self):
        """Of the backends in control's file."""
        return [plan.name for plan in self.control.backends]

    def wait_settled(self):
        """Until control leads again: everybody has reported, leases are out, backends encode."""
        wait_until(lambda: not self.control.status()["waiting"], SETTLE_S,
                   "all have reported to control")
        wait_until(lambda: all(b.follows()["lease"] for b in self.balancers), SETTLE_S,
                   "the balancers hold leases")
        self.control.wait_encoding(self.names())

    def settled_tables(self, checks, what):
        """Both balancers have the same tables."""
        def tables():
            return [b.counters()["tables"] for b in self.balancers]
        wait_until(lambda: len(set(tables())) == 1, SETTLE_S, "the same tables")
        checks.check(what, True)

    def keep_counters(self, balancer):
        """Before its end: what it counted counts."""
        self._unroutable += balancer.steer()["notes"]["join_unroutable"]

    def check_tokens(self, checks):
        """No token that a client joined with was undecodable for a balancer or strange to a
        backend."""
        for balancer in self.balancers:
            self.keep_counters(balancer)
        checks.equal("no token was undecodable (join_unroutable of all balancers)",
                     self._unroutable, 0)
        after = counters_of(self.backends.values())
        for counter in JOIN_COUNTERS:
            checks.equal(f"no backend saw a foreign join ({counter})",
                         sum(after[name][counter] - self._before[name][counter]
                             for name in after), 0)
