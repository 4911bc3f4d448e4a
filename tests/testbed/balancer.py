"""joinery-lb in a namespace of its own: its configuration, its process and its counters."""

import json
import os
import secrets
import shutil
import signal
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path

from host import TestbedError, run, wait_until
from need import our_program
from token_scheme import Scheme
from topology import LAN_ROUTER, VIPS, lan_addresses

START_S = 30
STATS_S = 5
RELOAD_S = 10


def new_key(path):
    """Writes 16 random bytes as the configuration wants them; returns them."""
    key = secrets.token_bytes(16)
    Path(path).touch(mode=0o600)
    Path(path).write_text(key.hex() + "\n", encoding="ascii")
    return key


@dataclass(frozen=True)
class PoolConfig:
    """A pool over the testbed's VIPs, with one active generation."""
    directory: str  # of the key files
    key: bytes
    backends: tuple  # of BackendPlan
    ports: tuple = (80,)
    pool_id: int = 7
    max_backends: int = 8
    handshake: str = "derived"
    algorithm: str = "ff1"
    generation_bits: int = 2
    codepoint: int = 1
    serial: int = 1
    states: dict = field(default_factory=dict)  # backend's name -> state; up unless it is here

    @staticmethod
    def create(directory, backends, **options):
        """With new keys in `directory`."""
        new_key(f"{directory}/hash.key")
        return PoolConfig(str(directory), new_key(f"{directory}/generation.key"), tuple(backends),
                          **options)

    @property
    def scheme(self):
        """For decoding tokens."""
        return Scheme(self.algorithm, self.pool_id, self.serial, self.generation_bits,
                      Scheme.id_bits_for(self.max_backends), self.key)

    def backend_of(self, token):
        """The name of the backend whose ID is in the token; "" when it has none."""
        return self.backends_of([token])[0]

    def backends_of(self, tokens):
        """The same for many."""
        names = {plan.backend_id: plan.name for plan in self.backends}
        ids = self.scheme.backend_ids(tokens)
        return [names.get(backend_id, "") if self.scheme.codepoint(token) == self.codepoint else ""
                for token, backend_id in zip(tokens, ids)]

    def yaml(self):
        """The `pools` section."""
        vips = "\n".join(f"      - {{address: \"{vip}\", ports: {list(self.ports)}}}"
                         for vip in VIPS)
        backends = "\n".join(
            f"      - {{name: {plan.name}, id: {plan.backend_id}, address: \"{plan.address}\", "
            f"encap: {plan.encap}, state: {self.states.get(plan.name, 'up')}}}"
            for plan in self.backends)
        return f"""\
pools:
  - name: web
    id: {self.pool_id}
    max_backends: {self.max_backends}
    handshake: {self.handshake}
    hash_secret_file: hash.key
    scheme:
      algorithm: {self.algorithm}
      generation_bits: {self.generation_bits}
      generations:
        - codepoint: {self.codepoint}
          serial: {self.serial}
          state: active
          key_file: generation.key
    vips:
{vips}
    backends:
{backends}
"""


class Balancer:
    """One joinery-lb, plugged into the LAN."""

    def __init__(self, topology, directory, pool, *, number=2, steering="joinery"):
        self.name = f"lb{number - 1}"
        self.addresses = lan_addresses(number)
        self.pool, self.steering = pool, steering
        self._directory = directory
        self._process = None
        self._generation = 0
        self.config = f"{directory}/{self.name}.yaml"
        self.host = topology.host(self.name)
        topology.plug(self.host, number)
        # The kernel of this namespace has no address: all packets are the program's.
        self.host.sysctl({"net.ipv6.conf.eth0.disable_ipv6": 1})

    @property
    def log(self):
        """The log of the last start."""
        return f"{self._directory}/{self.name}-{self._generation}.log"

    @property
    def pid(self):
        """Of the running program."""
        return self._process.pid

    def start(self):
        """Writes the configuration, starts the program and waits until it forwards."""
        self.launch()
        self.wait_forwarding()

    def launch(self):
        """Begins the start."""
        self.write_config(self.yaml())
        self._generation += 1
        self._process = self.host.spawn(
            [our_program("joinery-lb"), "--config", self.config], self.log)

    def wait_forwarding(self):
        """Ends it."""
        wait_until(self._forwards, START_S, f"{self.name} knows its backends' link addresses")

    def restart(self, *, steering=None, pool=None):
        """Another configuration, from a clean start."""
        self.stop()
        self.steering, self.pool = steering or self.steering, pool or self.pool
        self.start()

    def stop(self):
        """Ends it; raises when that was not clean."""
        if self._process is None:
            return
        status = self._process.stop()
        self._process = None
        if status != 0:
            raise TestbedError(f"{self.name} ended with status {status}:\n{self.said()}")

    def kill(self):
        """Ends it as a crash would."""
        self._process.kill()
        self._process = None

    def reload(self, text):
        """Writes this configuration and asks for it (SIGHUP); the caller looks at counters() or
        said() for what came of it."""
        self.write_config(text)
        self._process.signal(signal.SIGHUP)

    def switch(self, pool):
        """Another pool by a reload; waits until it is in force."""
        version = self.steer()["version"]
        self.pool = pool
        self.reload(self.yaml())
        wait_until(lambda: self.steer()["version"] != version and self._forwards(), RELOAD_S,
                   f"{self.name} forwards by its new configuration")

    def counters(self):
        """Its counters, as it gives them on its socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stats:
            stats.settimeout(STATS_S)
            stats.connect(self.stats_socket)
            answer = b""
            while piece := stats.recv(1 << 16):
                answer += piece
        return json.loads(answer)

    def steer(self):
        """Of the counters, those of its decisions: rules, drops, notes, version and so on."""
        return self.counters()["steer"]

    def said(self):
        """Its log."""
        return Path(self.log).read_text(encoding="utf-8", errors="replace")

    def write_config(self, text):
        """Replaces the file at once."""
        new = f"{self.config}.new"
        Path(new).write_text(text, encoding="ascii")
        os.replace(new, self.config)

    def yaml(self, pool=None):
        """The configuration, with another pool if given."""
        return self._machine_yaml() + (pool or self.pool).yaml()

    def _machine_yaml(self):
        addresses = ", ".join(f'"{a}/{bits}"' for a, bits in zip(self.addresses, (24, 64)))
        gateways = ", ".join(f'"{a}"' for a in lan_addresses(LAN_ROUTER))
        return f"""\
balancer:
  name: {self.name}
  steering: {self.steering}
  idle: sleep
  lcores: [0]
  eal_options: [--no-huge, --no-pci, -m, "512", --file-prefix, "{self.host.netns}"]
  stats_socket: {self.stats_socket}
  ports:
    - name: lan
      device: "net_af_packet0,iface=eth0"
      addresses: [{addresses}]
      gateways: [{gateways}]
"""

    @property
    def stats_socket(self):
        """Where it gives its counters."""
        return f"{self._directory}/{self.name}.sock"

    def _forwards(self):
        if self._process.poll() is not None:
            raise TestbedError(f"{self.name} ended with status {self._process.poll()}:\n"
                               f"{self.said()}")
        try:
            neighbours = self.counters()["neighbours"]
        except (OSError, json.JSONDecodeError):
            return False  # it does not listen yet
        known = {n["address"] for n in neighbours if "mac" in n}
        return {plan.address for plan in self.pool.backends} <= known


class Follower(Balancer):
    """One that is told its pools by control: it has no file of them. `control` stands for the
    pool where a Balancer has one: it names the backends."""

    def yaml(self, pool=None):
        """The configuration: what is this machine's own, and where control is."""
        return f"""\
{self._machine_yaml()}control:
  unix: {(pool or self.pool).socket_of(self.name)}
  state_dir: {self.state_dir}
"""

    @property
    def state_dir(self):
        """Where it keeps what it was told last."""
        return f"{self._directory}/{self.name}-state"

    def forget(self):
        """Removes that; it does not run."""
        shutil.rmtree(self.state_dir, ignore_errors=True)

    def follows(self):
        """What it says of control: connected, lease, announce, scheme and load."""
        return self.counters()["control"]


def check_config(path):
    """joinery-lb --check; returns (status, what it said)."""
    done = run([our_program("joinery-lb"), "--check", path], check=False)
    return done.returncode, done.stdout + done.stderr


def with_state(pool, name, state):
    """The pool with one backend in another state."""
    return replace(pool, states={**pool.states, name: state})
