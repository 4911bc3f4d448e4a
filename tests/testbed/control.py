"""joinery-control in a namespace of its own on the LAN, and joinctl as its operator. Balancers
reach it through Unix sockets, agents in guests over TLS with certificates of its own authority."""

import http.client
import json
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from host import TestbedError, run, wait_until
from need import our_program
from topology import LAN_CONTROL, VIPS, address_lines, lan_addresses

PORT = 7443
POOL = "web"
START_S = 20
SETTLE_S = 40
ANSWER_S = 5
USUAL_BALANCERS = {"lb1": 2, "lb2": 3}  # balancers and their host numbers on the LAN


class _AdminConnection(http.client.HTTPConnection):
    """HTTP over the admin socket."""

    def __init__(self, path):
        super().__init__("control", timeout=ANSWER_S)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Settings:
    """What scenarios vary; times are short, so that what waits for them is soon seen."""
    ports: tuple = (80,)
    generation_bits: int = 3
    max_backends: int = 8
    lease_s: int = 3
    retire_hold_s: int = 2
    quarantine_h: int = 1
    table_size: int = 251


class Control:
    """The daemon. `backends` are the plans that its file names; change it and apply()."""

    def __init__(self, topology, directory, plans, *, known=(), balancers=None,
                 settings=Settings()):
        self.settings = settings
        self.backends = tuple(plans)
        self._balancers = balancers or USUAL_BALANCERS
        self.directory = Path(directory) / "control"
        self.directory.mkdir()
        self._starts = 0
        self._process = None
        self.host = topology.host("control")
        topology.plug(self.host, LAN_CONTROL)
        self.host.ip(*address_lines("eth0", lan_addresses(LAN_CONTROL)))
        self._make_certificates({plan.name for plan in (*plans, *known)})

    @property
    def address(self):
        """Where agents reach it."""
        return f"{lan_addresses(LAN_CONTROL)[0]}:{PORT}"

    @property
    def log(self):
        """Of the last start."""
        return f"{self.directory.parent}/control-{self._starts}.log"

    @property
    def command(self):
        """joinctl, for people."""
        return f"{our_program('joinctl')} --socket {self._admin}"

    def socket_of(self, balancer):
        """The Unix socket of this balancer."""
        return f"{self.directory}/{balancer}.sock"

    def credentials(self, name):
        """(authority, certificate, key) of a backend's agent, as bytes."""
        pki = self.directory / "pki"
        return tuple(path.read_bytes() for path in
                     (pki / "ca.crt", pki / f"{name}.crt", pki / f"{name}.key"))

    def start(self):
        """Starts it and waits until it answers its operator."""
        self._write_config()
        self._starts += 1
        self._process = self.host.spawn(
            [our_program("joinery-control"), "--config", self._config], self.log)
        wait_until(self._answers, START_S, "joinery-control answers joinctl")

    def kill(self):
        """Ends it as a crash would."""
        self._process.kill()
        self._process = None

    def stop(self):
        """Ends it; raises when that was not clean."""
        status = self._process.stop()
        self._process = None
        if status != 0:
            raise TestbedError(f"joinery-control ended with status {status}:\n{self.said()}")

    def forget(self):
        """Removes its state: the next start is its first."""
        for path in self.directory.glob("state*"):
            path.unlink()

    def said(self):
        """Its log since the last start."""
        return Path(self.log).read_text(encoding="utf-8", errors="replace")

    def ctl(self, *arguments, check=True, deadline_s=SETTLE_S):
        """joinctl; returns (status, output and errors)."""
        done = run([our_program("joinctl"), "--socket", self._admin, *arguments], check=False,
                   deadline_s=deadline_s)
        if check and done.returncode != 0:
            raise TestbedError(f"joinctl {' '.join(arguments)}: status {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        return done.returncode, done.stdout + done.stderr

    def apply(self, plans):
        """Another list of backends in its file, and the order to make it so."""
        self.backends = tuple(plans)
        self._write_config()
        return self.ctl("config", "apply")[1]

    def status(self):
        """What it says of everything: GET /v1/status."""
        return self._get("/v1/status")

    def pool(self):
        """Of that, the pool."""
        return self.status()["pools"][0]

    def backend(self, name):
        """Of the pool, one backend; None when it is not there."""
        return {b["name"]: b for b in self.pool()["backends"]}.get(name)

    def generations(self):
        """{serial: state}."""
        return {g["serial"]: g["state"] for g in self.pool()["generations"]}

    def active_serial(self):
        """Of the generation that backends encode under; None before there is one."""
        return next((serial for serial, state in self.generations().items()
                     if state == "active"), None)

    def decode(self, token):
        """What a token (hexadecimal digits) says: status, and serial, codepoint, id and backend
        where it says so."""
        return self._get(f"/v1/tokens/0x{token}?pool={POOL}")["pools"][0]

    def wait(self, holds, what, deadline_s=SETTLE_S):
        """Polls until holds(the pool) is true."""
        end = time.monotonic() + deadline_s
        while not holds(pool := self.pool()):
            if time.monotonic() > end:
                raise TestbedError(f"not after {deadline_s} s: {what}\n{json.dumps(pool)}\n"
                                   f"{self.said()[-3000:]}")
            time.sleep(0.2)

    def wait_state(self, name, state):
        """Until the backend is in this state; None: gone."""
        self.wait(lambda pool: {b["name"]: b["state"] for b in pool["backends"]}.get(name) == state,
                  f"{name} is {state or 'gone'}")

    def wait_encoding(self, names):
        """Until these backends encode under the active generation."""
        def encode(pool):
            active = {g["serial"] for g in pool["generations"] if g["state"] == "active"}
            agents = {b["name"]: b["agent"] or {} for b in pool["backends"]}
            return active and all(agents.get(name, {}).get("encoding") in active for name in names)
        self.wait(encode, f"{', '.join(names)} encode under the active generation")

    @property
    def _admin(self):
        return f"{self.directory}/admin.sock"

    @property
    def _config(self):
        return f"{self.directory}/control.yaml"

    def _get(self, target):
        connection = _AdminConnection(self._admin)
        try:
            connection.request("GET", target)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise TestbedError(f"joinery-control: GET {target}: {error}") from error
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise TestbedError(f"joinery-control: GET {target}: {answer.status} {body[:500]!r}")
        return json.loads(body)

    def _answers(self):
        if self._process.poll() is not None:
            raise TestbedError(f"joinery-control ended with status {self._process.poll()}:\n"
                               f"{self.said()}")
        return self.ctl("status", check=False)[0] == 0

    def _make_certificates(self, names):
        pki = str(self.directory / "pki")
        self.ctl("pki", "init", "--dir", pki)
        for identity, name in (("control:control", "control"),
                               *((f"agent:{POOL}/{name}", name) for name in sorted(names))):
            self.ctl("pki", "issue", identity, "--dir", pki, "--out", f"{pki}/{name}")

    def _write_config(self):
        chosen = self.settings
        local = "\n".join(f"    - {{socket: {self.socket_of(name)}, balancer: {name}}}"
                          for name in self._balancers)
        balancers = "\n".join(f"  - {{name: {name}, addresses: [{lan_addresses(number)[0]}]}}"
                              for name, number in self._balancers.items())
        vips = "\n".join(f"      - {{address: \"{vip}\", ports: {list(chosen.ports)}}}"
                         for vip in VIPS)
        backends = "\n".join(f"      - {{name: {plan.name}, address: \"{plan.address}\", "
                             f"encap: {plan.encap}}}" for plan in self.backends)
        Path(self._config).write_text(f"""\
control:
  admin_socket: {self._admin}
  listen: [{{address: {lan_addresses(LAN_CONTROL)[0]}, port: {PORT}}}]
  tls: {{ca: pki/ca.crt, certificate: pki/control.crt, key: pki/control.key}}
  local:
{local}
  state_file: {self.directory}/state
  audit_log: {self.directory}/audit.jsonl
  lease_s: {chosen.lease_s}
  retire_hold_s: {chosen.retire_hold_s}
  quarantine_h: {chosen.quarantine_h}
balancers:
{balancers}
pools:
  - name: {POOL}
    max_backends: {chosen.max_backends}
    scheme: {{generation_bits: {chosen.generation_bits}}}
    table_size: {chosen.table_size}
    vips:
{vips}
    backends:
{backends}
""", encoding="ascii")
