#!/usr/bin/env python3
"""Health checks end to end: joinery-control checks real backends on the path of client traffic, and
joinery-lb follows it. A backend whose listener closes gets no new connections, and what it has
lives on; when the listener is back, it is placed on again. A VIP that is missing on a backend is
found, a reload forgets nothing, and a pool that is down as a whole is placed on as if nothing
were."""

import json
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from scenario import PORT, run_scenario
from host import run, wait_until
from need import our_program
from probe_path import CLONE_NEWNET, DEVICE, LIBC, SOURCES, prober_host
from topology import VIPS, lan_addresses

BACKENDS = 3
CONNECTIONS = 60
ANSWER_S = 10
START_S = 30
SERVER = str(Path(__file__).with_name("closing_server.py"))
CHECKS = "type: tcp, interval_ms: 100, timeout_ms: 500, rise: 2, fall: 2, damping_s: 0"


@dataclass(frozen=True)
class Following:
    """What a balancer that follows control has instead of pools."""
    directory: Path
    backends: tuple  # of BackendPlan

    def yaml(self):
        """Of the balancer's configuration, what comes after its own part."""
        return f"""\
control:
  unix: {self.directory}/control-lb1.sock
  state_dir: {self.directory}/lb1-state
"""


class Control:
    """joinery-control in a host, with one balancer and one pool of stock kernels."""

    def __init__(self, host, directory, plans):
        self._host, self._directory, self._plans = host, directory, plans
        self._config = f"{directory}/control.yaml"
        self._admin = f"{directory}/admin.sock"
        self._process = None

    def start(self, checks=CHECKS):
        """Writes the configuration, starts it and waits until it answers."""
        self.write(checks)
        self._process = self._host.spawn([our_program("joinery-control"), "--config",
                                          self._config], f"{self._directory}/control.log")
        self._process.wait_for_output("ready", START_S)

    def write(self, checks):
        """The configuration, with these checks."""
        vips = "\n".join(f"      - {{address: \"{vip}\", ports: [{PORT}]}}" for vip in VIPS)
        backends = "\n".join(f"      - {{name: {plan.name}, address: \"{plan.address}\"}}"
                             for plan in self._plans)
        balancer = ", ".join(f"\"{address}\"" for address in lan_addresses(2))
        Path(self._config).write_text(f"""\
control:
  admin_socket: {self._admin}
  state_file: {self._directory}/control.state
  audit_log: {self._directory}/audit.jsonl
  lease_s: 3
  local:
    - {{socket: {self._directory}/control-lb1.sock, balancer: lb1}}
  health: {{device: {DEVICE}, sources: ["{SOURCES[0]}", "{SOURCES[1]}"]}}
balancers:
  - {{name: lb1, addresses: [{balancer}]}}
pools:
  - name: web
    handshake: none
    table_size: 251
    health: {{{checks}}}
    vips:
{vips}
    backends:
{backends}
""", encoding="ascii")

    def reload(self):
        """SIGHUP."""
        self._process.signal(signal.SIGHUP)

    def stop(self):
        """SIGTERM; the exit status."""
        return self._process.stop()

    def joinctl(self, *arguments):
        """What it says."""
        return run([our_program("joinctl"), "--socket", self._admin, *arguments]).stdout

    def status(self):
        """As JSON."""
        return json.loads(self.joinctl("--json", "status"))

    def backend(self, name):
        """Of the status, one backend."""
        backends = self.status()["pools"][0]["backends"]
        return next(backend for backend in backends if backend["name"] == name)

    def wait_health(self, state, *names):
        """Until these backends are in that state, and the balancer knows."""
        def known():
            status = self.status()
            report = status["balancers"][0]["report"]
            if report is None or report["load"] != status["load"]:
                return False
            backends = {b["name"]: b for b in status["pools"][0]["backends"]}
            return all(name in backends and backends[name]["state"] == "up" and
                       (backends[name]["health"] or {}).get("state") == state
                       for name in names)
        wait_until(known, START_S, f"{', '.join(names)}: {state}")


def socket_in(host, family):
    """A TCP socket of a host: a socket belongs to the namespace that its thread was in."""
    made = []

    def make():
        with open(f"/run/netns/{host.netns}", encoding="ascii") as namespace:
            if LIBC.setns(namespace.fileno(), CLONE_NEWNET) == 0:
                made.append(socket.socket(family, socket.SOCK_STREAM))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


class Connection:
    """Of the client, to a VIP."""

    def __init__(self, client, vip):
        self._socket = socket_in(client, socket.AF_INET6 if ":" in vip else socket.AF_INET)
        self._socket.settimeout(ANSWER_S)
        try:
            self._socket.connect((vip, PORT))
            self._lines = self._socket.makefile("r", encoding="ascii")
            self.backend = self._lines.readline().removeprefix("HELLO ").strip()
        except OSError:
            self._socket.close()
            raise

    def lives(self):
        """A line goes there and comes back."""
        try:
            self._socket.sendall(b"still there?\n")
            return self._lines.readline() == "still there?\n"
        except OSError:
            return False

    def close(self):
        """Ends it."""
        self._lines.close()
        self._socket.close()


def placed(bed, count=CONNECTIONS):
    """Where new connections go: {backend: how many}; "" counts those that fail."""
    counts = {}
    for number in range(count):
        try:
            connection = Connection(bed.topology.client, VIPS[number % 2])
            counts[connection.backend] = counts.get(connection.backend, 0) + 1
            connection.close()
        except OSError:
            counts[""] = counts.get("", 0) + 1
    return counts


def hold_one_of_each(bed, names):
    """A connection on each backend, both families among them."""
    held = {}
    for number in range(CONNECTIONS):
        connection = Connection(bed.topology.client, VIPS[number % 2])
        if connection.backend in held:
            connection.close()
        else:
            held[connection.backend] = connection
        if set(held) == set(names):
            break
    return held


def check_listener(bed, checks, control, servers, held):
    """The listener of one backend closes and opens."""
    victim, others = sorted(servers)[0], set(sorted(servers)[1:])
    servers[victim].signal(signal.SIGUSR1)
    control.wait_health("down", victim)
    backend = control.backend(victim)
    checks.check("status says why it is down", "refused" in backend["health"]["last_failure"],
                 backend["health"])
    checks.check("and that it is not healthy", not backend["healthy"], backend)
    checks.check("joinctl backends shows it", f"web/{victim}: " in control.joinctl("backends"),
                 control.joinctl("backends"))
    checks.check("joinctl events has it", f"web/{victim} is down: " in
                 control.joinctl("events", "--once"), control.joinctl("events", "--once"))
    counts = placed(bed)
    checks.equal("new connections go to the others, and none fails", set(counts), others)
    checks.check("what the backend had lives on", held[victim].lives())
    servers[victim].signal(signal.SIGUSR2)
    control.wait_health("up", victim)
    counts = placed(bed)
    checks.equal("when it listens again it gets new connections again", set(counts),
                 others | {victim})
    checks.check("and still has the old one", held[victim].lives())


def check_vip(bed, checks, control, backends):
    """A VIP of one family is missing on one backend; a reload meanwhile forgets nothing."""
    backend = backends[-1]
    name = backend.plan.name
    backend.host.ip(f"address delete {VIPS[1]}/128 dev lo")
    control.wait_health("down", name)
    checks.check("a missing VIP is found", VIPS[1] in control.joinctl("events", "--once"),
                 control.joinctl("events", "--once"))
    before = control.backend(name)["health"]
    control.write(CHECKS.replace("rise: 2", "rise: 3"))
    control.reload()
    wait_until(lambda: "other health checks" not in control.joinctl("config", "diff"), ANSWER_S,
               "the reload is done")
    after = control.backend(name)["health"]
    checks.check("a reload keeps what is known", after["state"] == "down" and
                 after["checks"] >= before["checks"] and after["for_s"] >= before["for_s"],
                 (before, after))
    counts = placed(bed)
    checks.check("and nothing new goes there", name not in counts and "" not in counts, counts)
    backend.host.ip(f"address add {VIPS[1]}/128 dev lo")
    control.wait_health("up", name)


def check_all_down(bed, checks, control, servers, held):
    """Nobody listens: placement goes on as if all did."""
    for server in servers.values():
        server.signal(signal.SIGUSR1)
    control.wait_health("down", *servers)
    status = control.status()
    checks.check("all down: health is ignored", status["pools"][0]["health_ignored"], status)
    checks.check("and that is an alarm", any("health is ignored" in alarm
                                             for alarm in status["alarms"]), status["alarms"])
    checks.check("all connections live on", all(one.lives() for one in held.values()))
    for server in servers.values():
        server.signal(signal.SIGUSR2)
    control.wait_health("up", *servers)
    checks.equal("and new ones go to all again", set(placed(bed)), set(servers))


def body(bed, checks):
    """The scenario."""
    backends = bed.namespace_backends(list(range(1, BACKENDS + 1)))
    plans = tuple(backend.plan for backend in backends)
    servers = {}
    for backend in backends:
        name = backend.plan.name
        servers[name] = backend.host.spawn([sys.executable, SERVER, name, str(PORT)],
                                           bed.log_path(f"{name}-server"))
        servers[name].wait_for_output("listens", START_S)
    control = Control(prober_host(bed), bed.directory, plans)
    control.start()
    balancer = bed.balancer(Following(bed.directory, plans))
    balancer.start()
    control.wait_health("up", *servers)
    held = hold_one_of_each(bed, servers)
    checks.equal("connections are placed on every backend", set(held), set(servers))
    check_listener(bed, checks, control, servers, held)
    check_vip(bed, checks, control, backends)
    check_all_down(bed, checks, control, servers, held)
    checks.check("no connection has broken", all(one.lives() for one in held.values()))
    for connection in held.values():
        connection.close()
    balancer.stop()
    checks.equal("control ends cleanly", control.stop(), 0)


if __name__ == "__main__":
    run_scenario(body)
