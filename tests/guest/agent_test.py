#!/usr/bin/env python3
"""joinery-agent in a guest with Debian's stock kernel: loads the module, follows a control, rotates
the generation, and reports tokens in use that agree with the connections that there are.

Control is agent_control, whose files this test writes. All connections stay on the guest's loopback
interface, to a VIP that the agent puts there; the guest has no network card.
"""

import json
import re
import sys
import time

from guest import GuestError
from module_guest import MODULE, ROOT, run

sys.path.append(str(ROOT / "tests" / "testbed"))

from token_scheme import Scheme  # noqa: E402

PROGRAMS = {"/m/joinery-agent": "//backend/agent:joinery-agent",
            "/m/agent_control": "//tests/guest:agent_control",
            "/m/mptcp_hold": "//tests/guest:mptcp_hold",
            "/m/joinery-kmod": "//backend/kmod/loader:joinery-kmod",
            "/m/tokenmap_example": "//tokenmap:tokenmap_example"}
VIP = "198.18.1.1"
PORT = 7000
DEADLINE_S = 60
KEYS = {1: bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"),
        2: bytes.fromhex("603deb1015ca71be2b73aef0857d7781")}
CODEPOINTS = {1: 0, 2: 1}
BACKEND = 5
CONFIG = f"""
agent: {{pool: web, backend: web1, state_dir: /var/lib/agent, status_socket: /run/agent.sock,
        report_s: 1, module: {MODULE}}}
control: {{unix: /run/control.sock}}
stacks: {{socket: /run/tokens.sock, users: [root], quota: 200}}
checks: {{every_s: 1, fix: [mptcp, mptcp_limits, vips, arp, rp_filter, join_initial_address]}}
"""


class Machine:
    """The guest with its agent and its control."""

    def __init__(self, guest):
        self.guest = guest
        guest.check("mkdir -p /c /var/lib && : > /c/reports")
        guest.put(f"{VIP}\n".encode(), "/c/vips")
        guest.put(CONFIG.encode(), "/etc/agent.yaml")

    def start_control(self):
        """Starts control; its files stay."""
        self._start("control", "/m/agent_control /run/control.sock /c")

    def start_agent(self):
        """Starts the agent."""
        self._start("agent", "/m/joinery-agent --config /etc/agent.yaml")

    def _start(self, name, command):
        self.guest.check(f"{command} >> /tmp/{name}.log 2>&1 & echo $! > /tmp/{name}.pid")

    def signal(self, name, signal):
        """Sends a signal and waits until the process is gone."""
        self.guest.check(f"kill -{signal} $(cat /tmp/{name}.pid)")
        self.wait(lambda: self.guest.run(f"kill -0 $(cat /tmp/{name}.pid)")[0] != 0,
                  f"{name} ends")

    def view(self, text):
        """What control says from now on."""
        self.guest.put(f"{text}\n".encode(), "/c/view.new")
        self.guest.check("mv /c/view.new /c/view")

    def may_encode(self, may):
        """Whether control lets the agent encode."""
        self.guest.check("touch /c/may" if may else "rm -f /c/may")

    def status(self):
        """The agent's own state; empty while it does not answer."""
        status, text = self.guest.run("/m/joinery-agent status --socket /run/agent.sock --json")
        return json.loads(text) if status == 0 else {}

    def report(self):
        """The last report that control got."""
        line = self.guest.check("tail -n 1 /c/reports").strip()
        return json.loads(line) if line else {}

    def metrics(self):
        """{name and labels: value} as Prometheus gets them."""
        page = self.guest.check("wget -q -O - http://127.0.0.1:9472/metrics")
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))}

    def ready(self):
        """Whether /readyz says so."""
        return self.guest.run("wget -q -O - http://127.0.0.1:9472/readyz")[0] == 0

    def module(self):
        """The module's own words; empty when it is not there."""
        status, text = self.guest.run("/m/joinery-kmod status")
        return dict(line.split(" ", 1) for line in text.splitlines()) if status == 0 else {}

    def log(self, name="agent"):
        """What it said."""
        return self.guest.check(f"cat /tmp/{name}.log")

    def wait(self, holds, what, deadline_s=DEADLINE_S):
        """Waits until it holds, or says what did not."""
        deadline = time.monotonic() + deadline_s
        while not holds():
            if time.monotonic() > deadline:
                raise GuestError(f"not in {deadline_s} s: {what}\n{self.log()}"
                                 f"last report: {self.report()}\n")
            time.sleep(0.1)

    def wait_encoding(self, serial):
        """Until the module makes tokens under the serial, and has some ahead."""
        self.wait(lambda: self.module().get("serial") == str(serial)
                  and int(self.module()["keys"]) >= 64, f"serial {serial} is encoded")

    def hold(self, name, count):
        """Opens connections that stay; returns the tokens of the server's side."""
        self.guest.check(f"/m/mptcp_hold {count} {VIP} {PORT} > /tmp/{name}.log 2>&1 & "
                         f"echo $! > /tmp/{name}.pid")
        self.wait(lambda: "held" in self.log(name), f"{name} holds {count} connections")
        return [int(token, 16) for token in re.findall(r"^token (\w+)$", self.log(name), re.M)]


def uses(report):
    """{serial: (tokens, keys)} of a report."""
    return {use["serial"]: (use["tokens"], use["keys"]) for use in report.get("uses", [])}


def held(report):
    """The version of the view that the report confirms."""
    return report["view"]["at"]["version"] if report else None


def rejected(report):
    """The version of the view that it refuses, if any."""
    refused = report.get("rejected")
    return refused["at"]["version"] if refused else None


def mine(tokens, serial):
    """How many of the tokens name this backend under the serial."""
    scheme = Scheme("ff1", pool_id=7, serial=serial, generation_bits=2, id_bits=4,
                    key=KEYS[serial])
    under = [token for token in tokens if scheme.codepoint(token) == CODEPOINTS[serial]]
    return scheme.backend_ids(under).count(BACKEND) if under else 0


def active(serial):
    """A part of a view."""
    return f"active={CODEPOINTS[serial]}:{serial}:{KEYS[serial].hex()}"


def try_start(checks, machine):
    """The agent loads the module; nothing is encoded before control has answered."""
    guest = machine.guest
    guest.check("sysctl -q -w net.mptcp.enabled=0")
    machine.start_agent()
    machine.wait(lambda: machine.module().get("scheme") == "none", "the module is loaded")
    machine.start_control()
    machine.view(f"1.1 {active(1)}")
    machine.wait(lambda: held(machine.report()) == 1, "view 1.1 is held")
    report = machine.report()
    checks.equal("I9: nothing is encoded before control confirms",
                 (report["encoding"], machine.module()["scheme"]), (None, "none"))
    checks.check("  and it is not ready", not machine.ready())
    checks.equal("the record's mode", guest.check("stat -c %a /var/lib/agent/agent.json"), "600\n")
    checks.check("the record holds no key",
                 KEYS[1].hex() not in guest.check("cat /var/lib/agent/agent.json"))
    machine.may_encode(True)
    machine.wait_encoding(1)
    machine.wait(machine.ready, "it is ready")
    checks.check("the server is put right",
                 VIP in guest.check("ip address show dev lo")
                 and guest.check("sysctl -n net.mptcp.enabled") == "1\n")


def try_rotation(checks, machine):
    """Tokens in use by generation, through a rotation, until the old one is at zero."""
    first = machine.hold("first", 8)
    checks.equal("eight connections name the backend under serial 1", mine(first, 1), 8)
    machine.wait(lambda: uses(machine.report()).get(1, (0, 0))[0] == 8, "8 tokens are reported")
    checks.equal("  and are counted as connections", machine.report()["connections"], 8)
    machine.view(f"1.2 {active(2)} draining=0:1")
    machine.wait_encoding(2)
    second = machine.hold("second", 5)
    checks.equal("five more name it under serial 2", mine(second, 2), 5)
    machine.wait(lambda: uses(machine.report()).get(2, (0, 0))[0] == 5, "5 tokens are reported")
    report = machine.report()
    checks.equal("both generations are counted apart",
                 {serial: use[0] for serial, use in uses(report).items()}, {1: 8, 2: 5})
    checks.equal("  no key of the old one is left", uses(report)[1][1], 0)
    checks.equal("  what is encoded is said", report["encoding"], 2)
    shown = machine.metrics()
    checks.equal("metrics say the same, by codepoint",
                 [shown[f'joinery_agent_{name}'] for name in (
                     'generation_tokens{codepoint="0"}', 'generation_tokens{codepoint="1"}',
                     'generation_serial{codepoint="1"}', 'generation_encoding{codepoint="1"}',
                     "encoder_present", "encoder_serial", "control_connected")],
                 [8, 5, 2, 1, 1, 2, 1])
    checks.check("  the module's counters are among them",
                 any(name.startswith("joinery_agent_encoder_events_total{") and value
                     for name, value in shown.items()))
    machine.wait(lambda: machine.report()["oldest_connection_s"] >= 1, "the oldest has an age")
    machine.signal("first", "KILL")
    # A connection whose both ends are killed may linger as long as MPTCP's close timeout.
    machine.wait(lambda: uses(machine.report())[1] == (0, 0), "serial 1 is at zero", 2 * DEADLINE_S)
    checks.equal("the old generation ends at zero, the new one stays",
                 uses(machine.report())[2][0], 5)
    machine.view(f"1.3 {active(2)}")
    machine.wait(lambda: 1 not in uses(machine.report()), "serial 1 is out of the report")


def try_refusals(checks, machine):
    """I8 and I2."""
    for name, view in {"a lower version": f"1.2 {active(2)} draining=0:1",
                       "other bytes under the same position": f"1.3 {active(2)} drain",
                       "a serial that has been": f"1.4 active=1:1:{KEYS[1].hex()}"}.items():
        position = view.split()[0].split(".")[1]
        machine.view(view)
        machine.wait(lambda at=position: rejected(machine.report()) == int(at),
                     f"{name} is refused")
        checks.equal(f"refuses {name}", (held(machine.report()), machine.module()["serial"]),
                     (3, "2"))
    machine.view(f"1.5 {active(2)}")
    machine.wait(lambda: held(machine.report()) == 5, "view 1.5 is held")
    checks.equal("  and takes the next good one", rejected(machine.report()), None)


def try_outage(checks, machine):
    """Without control all goes on; a module that was loaded since encodes nothing."""
    machine.signal("control", "TERM")
    machine.signal("agent", "KILL")
    machine.start_agent()
    machine.wait(machine.status, "the agent answers")
    checks.equal("control and agent die, the agent returns: the module goes on",
                 (machine.module()["serial"], machine.status()["encoder"]["encoding"]), ("2", 2))
    checks.equal("  and the connections are counted",
                 {use["serial"]: use["tokens"] for use in machine.status()["uses"]}, {2: 5})
    before = machine.status()["encoder"]["incarnation"]
    machine.wait(lambda: machine.guest.run("/m/joinery-kmod unload")[0] == 0, "it is unloaded")
    machine.wait(lambda: machine.status()["encoder"]["present"]
                 and machine.status()["encoder"]["incarnation"] != before,
                 "the module is loaded again")
    machine.wait(machine.module, "the module answers")
    checks.equal("I9: a new load of the module encodes nothing without control",
                 machine.module().get("scheme"), "none")
    machine.start_control()
    machine.wait_encoding(2)
    checks.check("  and the old serial once control has answered", True)


def try_leases(checks, machine):
    """A program in C leases tokens and keys."""
    guest = machine.guest
    tokens = [int(token, 16) for token in
              re.findall(r"token (\w+)$", guest.check("/m/tokenmap_example /run/tokens.sock tokens "
                                                      "100"), re.M)]
    checks.equal("leased tokens name the backend", (len(set(tokens)), mine(tokens, 2)), (100, 100))
    keys = [int(token, 16) for token in
            re.findall(r"token (\w+)$", guest.check("/m/tokenmap_example /run/tokens.sock keys 20"),
                       re.M)]
    checks.equal("leased keys too", (len(set(keys)), mine(keys, 2)), (20, 20))
    checks.check("a quota holds", guest.run("/m/tokenmap_example /run/tokens.sock tokens 201")[0])
    machine.wait(lambda: machine.status()["stacks"]["returned"] >= 320, "all is given back")
    checks.check("the leases' file is private",
                 guest.check("stat -c %a /run/agent-leases.json") == "600\n")


def try_end(checks, machine):
    """Drain, then a clean stop; the module stays."""
    machine.view(f"1.6 {active(2)} drain")
    machine.wait(lambda: machine.status()["view"]["drain"], "it drains")
    checks.check("no leases while it drains",
                 machine.guest.run("/m/tokenmap_example /run/tokens.sock tokens 1")[0] != 0)
    machine.signal("second", "KILL")
    machine.wait(lambda: "drained: no connection is left" in machine.log(), "it is drained",
                 2 * DEADLINE_S)
    text = machine.guest.check("/m/joinery-agent status --socket /run/agent.sock")
    checks.check("status is readable", "encoder.encoding 2\n" in text, text)
    machine.signal("agent", "TERM")
    checks.equal("after a clean stop the module goes on", machine.module()["serial"], "2")
    checks.check("no key was logged", not any(key.hex() in machine.log() for key in KEYS.values()))
    trouble = machine.guest.run("dmesg | grep -E 'BUG|WARNING|Oops|Call Trace|refcount'")[1]
    checks.equal("the kernel's log has no trouble", trouble, "")


def try_all(checks, guest):
    """The whole life of an agent."""
    machine = Machine(guest)
    try_start(checks, machine)
    try_rotation(checks, machine)
    try_refusals(checks, machine)
    try_outage(checks, machine)
    try_leases(checks, machine)
    try_end(checks, machine)


if __name__ == "__main__":
    run("agent", __doc__, PROGRAMS, try_all)
