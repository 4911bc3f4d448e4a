"""The acts of the demo under each way of steering: connections open and stay in use; keys are
rotated and a backend is drained; a third path comes up; new connections follow; all end. By the
5-tuple nothing is rotated or drained: its joins fail without that, and without a table of
connections it would lose first subflows too.
"""

import time
from contextlib import contextmanager

from backend import side_by_side
from capture import SYN_FILTER, Capture
from figures import Mode, count_backends, count_outcomes, count_tokens, find_examples
from host import TestbedError, wait_until
from topology import CLIENT_THIRD
from traffic import Campaign, growth, vip_targets

PORT = 80
DRAINED = "web2"
WORKERS = 8
FETCH_BYTES = 20_000
NEW_SHARE = 5  # one new connection after the changes for so many that stay
HOLD_MS = 600_000  # at most
OPEN_S_EACH = 0.5  # the slowest that opening may be, and
OPEN_S = 60
LATE_S = 30
JOIN_MS = 3000
CAPTURE_S = 10
SUBFLOWS_AT_END = 3
JOINED = "MPTcpExtMPJoinSynAckRx"
TRIED = "MPTcpExtMPJoinSynTx"
REFUSED = "MPTcpExtMPJoinNoTokenFound"


class Live:
    """Counts the client's lines as they come, for the progress line."""

    def __init__(self, names, total):
        self._total = total
        self._opened = self._joined = self._refused = 0
        self._placed = dict.fromkeys(names, 0)

    def take(self, line):
        """One line of the client."""
        if line["event"] == "closed":
            return
        self._opened += 1
        self._joined += line["join"] == "joined"
        self._refused += line["join"] == "refused"
        if line["backend"] in self._placed:
            self._placed[line["backend"]] += 1

    def __str__(self):
        placed = "  ".join(f"{name} {count}" for name, count in self._placed.items())
        return (f"{self._opened}/{self._total} open  {self._joined} joined  "
                f"{self._refused} refused  |  {placed}")


class Acts:
    """One way of steering, act by act."""

    def __init__(self, screen, world, connections):
        self._screen, self._world = screen, world
        self._topology, self._control = world.bed.topology, world.control
        self._balancer = world.balancers[0]
        self._connections = connections
        self._steering = self._balancer.steering
        self._begin = time.monotonic()
        self._ids = {name: self._control.backend(name)["id"] for name in world.backends}
        self._backends_before = self._backend_counters()
        self._client_before = self._topology.client.counters()
        self._mode = Mode(self._steering)
        # On the balancer's cable: what it received, and to whom it sent it.
        self._capture = Capture(self._topology.lan, "port2", world.bed.directory,
                                f"syns-{self._steering}", SYN_FILTER)
        self._campaign = None

    def run(self):
        """All acts; returns the figures."""
        self._open()
        if self._steering == "joinery":
            self._rotate()
            self._drain()
        self._third_path()
        fresh = self._new_connections()
        with self._screen.progress("end all", lambda: "each backend says once more who it is"):
            self._campaign.release()
            held = self._campaign.finish()
        self._measure(held, fresh)
        self._undo()
        return self._mode

    @contextmanager
    def _act(self, label, describe):
        """A progress line; at its end the number of subflows that live."""
        with self._screen.progress(label, lambda: f"{describe()}{self._alive()}"):
            yield

    def _alive(self):
        try:
            snmp = self._topology.client.run("cat", "/proc/net/snmp").stdout.splitlines()
        except TestbedError:
            return ""
        names, values = (line.split() for line in snmp if line.startswith("Tcp:"))
        return f"; {dict(zip(names, values))['CurrEstab']} subflows in use"

    def _open(self):
        live = Live(self._ids, self._connections)
        with self._screen.progress("real clients", lambda: str(live)):
            self._campaign = Campaign(
                self._topology.client, vip_targets(PORT), connections=self._connections,
                workers=WORKERS, fetch_bytes=FETCH_BYTES, hold_ms=HOLD_MS, held=True,
                join_ms=JOIN_MS,
                log=self._world.bed.log_path(f"client-{self._steering}"), on_line=live.take)
            self._campaign.wait_open(OPEN_S + OPEN_S_EACH * self._connections)

    def _rotate(self):
        before = self._control.active_serial()
        said = [f"generation {before} is active"]
        with self._act("joinctl rotate web", lambda: said[-1]):
            self._control.ctl("rotate", "web", "--wait")
            said.append(f"generation {self._control.active_serial()} is active, {before} drains")
            self._control.wait_encoding(list(self._ids))

    def _drain(self):
        said = [""]
        with self._act(f"joinctl drain web/{DRAINED}", lambda: said[-1]):
            told = self._control.ctl("backends", "drain", f"web/{DRAINED}")[1]
            said.append(told.strip().splitlines()[-1].split(";")[0].removeprefix("web/"))
            self._world.wait_balancers(DRAINED, "draining")

    def _third_path(self):
        before, asked = self._topology.client.counters(), self._backend_counters()
        grown = {TRIED: 0, JOINED: 0}
        refused = [0]

        def settled():
            grown.update(growth(before, self._topology.client.counters()))
            refused[0] = _total(asked, self._backend_counters(), REFUSED)
            return grown[TRIED] >= self._connections and (
                grown[JOINED] + refused[0] >= grown[TRIED])

        with self._act("a third path comes up",
                       lambda: f"{grown[TRIED]} joins with the tokens from before, "
                               f"{grown[JOINED]} joined, {refused[0]} refused"):
            self._topology.add_third_addresses()
            try:
                wait_until(settled, LATE_S, "late joins are settled", 0.2)
            except TestbedError:
                pass  # the figures say what is missing
        self._mode.late, self._mode.late_joined = grown[TRIED], grown[JOINED]

    def _new_connections(self):
        count = max(self._connections // NEW_SHARE, WORKERS)
        live = Live(self._ids, count)
        with self._screen.progress("new connections", lambda: str(live)):
            side_by_side(self._world.agents.values(), lambda agent: agent.wait_for_keys())
            return Campaign(
                self._topology.client, vip_targets(PORT), connections=count, workers=WORKERS,
                fetch_bytes=FETCH_BYTES, subflows=SUBFLOWS_AT_END, join_ms=JOIN_MS,
                log=self._world.bed.log_path(f"new-{self._steering}"), on_line=live.take).finish()

    def _measure(self, held, fresh):
        mode, lines = self._mode, held.connections + fresh.connections
        after = self._backend_counters()
        client = growth(self._client_before, self._topology.client.counters())
        mode.attempted, mode.joined = client[TRIED], client[JOINED]
        count_outcomes(mode, held, fresh, DRAINED)
        count_backends(mode, self._ids, lines,
                       {name: growth(self._backends_before[name], after[name]) for name in after})
        count_tokens(mode, lines, self._control.decode)
        # Each SYN is there twice, on its way in and on its way out.
        segments = self._capture.settle(2 * SUBFLOWS_AT_END * mode.connections, CAPTURE_S)
        macs = {backend.plan.mac: name for name, backend in self._world.backends.items()}
        mode.examples = find_examples(held, segments, macs, CLIENT_THIRD, self._control.decode)
        mode.rules = self._balancer.steer()["rules"]
        mode.seconds = time.monotonic() - self._begin

    def _undo(self):
        """As it was, for what comes next."""
        self._topology.remove_third_addresses()
        if self._steering == "joinery":
            self._control.ctl("backends", "undrain", f"web/{DRAINED}")
            self._world.wait_balancers(DRAINED, "up")

    def _backend_counters(self):
        return {name: backend.counters() for name, backend in self._world.backends.items()}


def _total(before, after, counter):
    return sum(after[name][counter] - before[name][counter] for name in after)
