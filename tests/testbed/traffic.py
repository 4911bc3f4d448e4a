"""Runs mptcp-client in the client's namespace and reads what became of each connection."""

import json
import subprocess
import threading
from dataclasses import dataclass, field

from need import our_program
from host import TestbedError
from topology import VIPS

GRACE_S = 20  # over the client's own deadlines


@dataclass
class Outcome:
    """The end of a campaign, counted by what kernels say."""
    connections: list = field(default_factory=list)  # the client's "closed" lines
    opened: list = field(default_factory=list)  # and its "opened" ones, in the same order
    client_counters: dict = field(default_factory=dict)  # what they grew by

    def count(self, **wanted):
        """How many connections have these values."""
        return sum(all(line[key] == value for key, value in wanted.items())
                   for line in self.connections)

    @property
    def total(self):
        """Connections."""
        return len(self.connections)

    @property
    def joined(self):
        """Joins that completed: the server's SYN/ACK proved that it knows the keys."""
        return self.client_counters["MPTcpExtMPJoinSynAckRx"]

    @property
    def attempted(self):
        """MP_JOIN SYNs of the client's kernel, one for each connection, repetitions not counted."""
        return self.client_counters["MPTcpExtMPJoinSynTx"]

    @property
    def lost(self):
        """The client's endpoints of subflows that were there at the opening, and not at the end:
        [(endpoint, whether it was its connection's first)]."""
        return [(endpoint, endpoint == opened["local"])
                for opened, closed in zip(self.opened, self.connections)
                for endpoint in sorted(established(opened) - established(closed))]

    @property
    def broken(self):
        """Connections that broke."""
        return [line for line in self.connections if line["broken"]]


def established(line):
    """The client's endpoints of a line's subflows."""
    return {subflow["local"] for subflow in line["subflows"] if subflow["established"]}


def vip_targets(port, families=(4, 6)):
    """The VIPs as mptcp-client wants them."""
    forms = {4: f"{VIPS[0]}:{port}", 6: f"[{VIPS[1]}]:{port}"}
    return [forms[family] for family in families]


def growth(before, after):
    """What counters grew by."""
    return {name: value - before.get(name, 0) for name, value in after.items()}


class Campaign:
    """mptcp-client, running. on_line is called with each line as it comes, by another thread.
    With held=True the connections are in use until release(), at most hold_ms."""

    def __init__(self, host, targets, *, connections, log, workers=8, fetch_bytes=0, hold_ms=0,
                 subflows=2, join_ms=5000, step_ms=10000, held=False, on_line=None):
        self._host = host
        self._before = host.counters()
        self._on_line = on_line or (lambda line: None)
        self._closed = []
        self._failure = ""
        self._opened = []
        self._all_open = threading.Event()
        self._connections = connections
        # The worst case: every step of every connection of a worker at its deadline.
        rounds = -(-connections // workers)
        self._deadline_s = hold_ms / 1000 + GRACE_S + rounds * (join_ms + 4 * step_ms) / 1000
        self._log = open(log, "w", encoding="utf-8")  # pylint: disable=consider-using-with
        self._process = subprocess.Popen(  # pylint: disable=consider-using-with
            host.enter() + [our_program("mptcp-client"), *targets,
                            "--connections", str(connections), "--workers", str(workers),
                            "--bytes", str(fetch_bytes), "--hold-ms", str(hold_ms),
                            "--subflows", str(subflows), "--join-ms", str(join_ms),
                            "--step-ms", str(step_ms), *(["--hold-while-input"] if held else [])],
            stdin=subprocess.PIPE if held else subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_open(self, deadline_s):
        """Waits until every connection is open and its joins settled."""
        if not self._all_open.wait(deadline_s):
            self.stop()
            raise TestbedError(f"mptcp-client: {len(self._opened)} of {self._connections} "
                               f"connections open after {deadline_s} s")

    def release(self):
        """Ends the hold."""
        self._process.stdin.close()

    def finish(self):
        """Waits for the end; returns the Outcome."""
        try:
            self._process.wait(self._deadline_s)
        except subprocess.TimeoutExpired as late:
            raise TestbedError(f"mptcp-client: not done after {self._deadline_s:.0f} s") from late
        finally:
            self.stop()
        if len(self._closed) != self._connections:
            raise TestbedError(f"mptcp-client: status {self._process.returncode}, "
                               f"{len(self._closed)} of {self._connections} reports\n"
                               f"{self._failure}")
        opened, closed = (sorted(lines, key=lambda line: line["connection"])
                          for lines in (self._opened, self._closed))
        return Outcome(closed, opened, growth(self._before, self._host.counters()))

    def stop(self):
        """Ends it if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(GRACE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._log.close()

    def _read(self):
        for text in self._process.stdout:
            self._log.write(text)
            if not text.startswith("{"):
                self._failure += text
                continue
            line = json.loads(text)
            if line["event"] == "opened":
                self._opened.append(line)
                if len(self._opened) == self._connections:
                    self._all_open.set()
            else:
                self._closed.append(line)
            self._on_line(line)
