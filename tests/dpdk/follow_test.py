#!/usr/bin/env python3
"""joinery-lb follows a control daemon, as a process: what it takes, refuses, keeps and reports.

Needs no rights: its port is net_null, and what it would forward is asked by `explain`. Ends with
the line 'N passed, N failed'.
"""

import http.client
import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from fake_control import FakeControl, load_part, member, scheme_part  # noqa: E402

DEADLINE_S = 30
VIP = "198.18.1.1"
B1 = member(1, "b1", "198.18.0.11")
B2 = member(2, "b2", "198.18.0.12")
B3 = member(3, "b3", "198.18.0.13")


def free_port():
    """A TCP port on the loopback that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until(holds, what):
    """Polls until holds() is true; returns what it gave."""
    end = time.monotonic() + DEADLINE_S
    while not (value := holds()):
        if time.monotonic() > end:
            raise RuntimeError(f"not within {DEADLINE_S} s: {what}")
        time.sleep(0.01)
    return value


class Balancer:
    """The program, its files and its answers."""

    def __init__(self, binary, directory, control):
        self.binary, self.directory, self.control = binary, directory, control
        self.metrics = free_port()
        self.log = directory / "lb.log"
        self.config = directory / "lb.yaml"
        self.write()
        self.process = None

    def write(self, extra=""):
        """Its configuration."""
        self.config.write_text(f"""\
balancer:
  name: lb1
  idle: sleep
  lcores: [0]
  eal_options: [--no-huge, -m, "96"]
  stats_socket: {self.directory}/lb.sock
  metrics: 127.0.0.1:{self.metrics}
  {extra}
  ports: [{{name: lan, device: net_null0, addresses: [198.18.0.2/24]}}]
control:
  unix: {self.control.path}
  state_dir: {self.directory}/state
""", encoding="ascii")

    def start(self):
        """Until it has said the first thing that a test can wait for."""
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([self.binary, "--config", str(self.config)],
                                            stdout=out, stderr=subprocess.STDOUT)

    def says(self, text):
        """Waits for it."""
        def said():
            if text in self.said():
                return True
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended with {self.process.returncode} and did not say: "
                                   f"{text}\n{self.said()}")
            return False
        return wait_until(said, f"it says: {text}")

    def said(self):
        """So far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, how=signal.SIGTERM):
        """Ends it."""
        if self.process is None:
            return None
        self.process.send_signal(how)
        status = self.process.wait(DEADLINE_S)
        self.process = None
        return status

    def stats(self):
        """The JSON document."""
        done = subprocess.run([self.binary, "--stats", f"{self.directory}/lb.sock"],
                              capture_output=True, text=True, check=True, timeout=DEADLINE_S)
        return json.loads(done.stdout)

    def page(self, path):
        """(status, text) of a page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}{path}",
                                        timeout=DEADLINE_S) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def explain(self, *question):
        """joinery-lb --explain."""
        done = subprocess.run([self.binary, "--explain", f"{self.directory}/lb.sock", *question],
                              capture_output=True, text=True, check=False, timeout=DEADLINE_S)
        return done.returncode, done.stdout + done.stderr

    def backends(self):
        """Name -> state, of what is in force."""
        pools = self.stats()["steer"]["pools"]
        return {name: b["state"] for name, b in pools.get("web", {}).get("backends", {}).items()}


def at(report, part="scheme"):
    """Of a report: "3.41"."""
    value = report["scheme"]["at"] if part == "scheme" else report["load"]
    return f"{value['epoch']}.{value['version']}"


class World:
    """A control and a balancer, and what was found."""

    def __init__(self, binary, directory):
        self.control = FakeControl(directory / "control.sock")
        self.balancer = Balancer(binary, directory, self.control)
        self.passed = 0

    def expect(self, holds, what):
        """A check that names itself."""
        if not holds:
            raise RuntimeError(f"failed: {what}\n{self.balancer.said()}")
        self.passed += 1
        print(f"ok: {what}", flush=True)

    def equal(self, what, found, wanted):
        """Another."""
        self.expect(found == wanted, f"{what}: {wanted}" +
                    ("" if found == wanted else f", found {found}"))

    def serve(self):
        """The first view."""
        self.digest = self.control.publish("scheme", "3.1",
                                           scheme_part("3.1", [B1, B2], vips=[VIP]))
        self.control.publish("load", "3.1", load_part("3.1", "3.1", {1: "up", 2: "up"}))


def takes_the_first_view(world):
    """It starts with nothing, and forwards when it is told what."""
    balancer, control = world.balancer, world.control
    control.reply = {"lease": False, "lease_ms": 0, "behind": True}
    control.start()
    balancer.start()
    balancer.says("waits: lb1 has no view from control yet")
    first = control.wait_for(lambda r: True, "a report")
    world.equal("its first report says that it has nothing", (at(first), first["ready"]),
                ("0.0", False))
    wait_until(lambda: balancer.page("/readyz") ==
               (503, "not ready: control says that this balancer is behind\n"), "it is not ready")
    control.reply = {"lease": True, "lease_ms": 3000, "behind": False}
    world.serve()
    report = control.wait_for(lambda r: at(r) == "3.1" and r["ready"], "3.1 is confirmed")
    world.equal("it confirms the bytes that it got", report["scheme"]["digest"], world.digest)
    balancer.says("ready: lb1 forwards on lcores 0")
    balancer.says("VIPs: normal: it holds a lease")
    world.equal("it is ready", balancer.page("/readyz"), (200, "ready: normal\n"))
    stats = balancer.stats()
    world.equal("control's word is in the counters",
                (stats["control"]["announce"], stats["control"]["scheme"],
                 stats["control"]["connected"], stats["control"]["lease"]),
                ("normal", "3.1", True, True))
    world.equal("the digest of the tables is reported", report["tables"], stats["tables"])


def keeps_the_view_on_disk(world):
    """Private, whole, with position and digest."""
    state = world.balancer.directory / "state"
    file = state / "scheme.view"
    world.equal("the folder is its owner's", stat.S_IMODE(state.stat().st_mode), 0o700)
    world.equal("the file is its owner's", stat.S_IMODE(file.stat().st_mode), 0o600)
    head, body = file.read_bytes().split(b"\n", 1)
    world.equal("it has position and digest", head.decode(),
                f"joinery-view 1 3.1 sha256 {world.digest}")
    world.equal("it has the bytes that came", body, world.control.views["scheme"][1])


def follows_changes(world):
    """Scheme and load."""
    balancer, control = world.balancer, world.control
    before = control.last()["tables"]
    control.publish("load", "3.2", load_part("3.2", "3.1", {1: "up", 2: "draining"}))
    report = control.wait_for(lambda r: at(r, "load") == "3.2", "load 3.2")
    world.equal("a load part moves no scheme part", at(report), "3.1")
    world.expect(report["tables"] != before, "other tables have another digest")
    world.equal("it drains", balancer.backends(), {"b1": "up", "b2": "draining"})
    control.publish("scheme", "3.2", scheme_part("3.2", [B1, B2, B3], vips=[VIP]))
    control.wait_for(lambda r: at(r) == "3.2", "scheme 3.2")
    world.equal("who has no load yet is failed", balancer.backends(),
                {"b1": "up", "b2": "draining", "b3": "failed"})
    control.publish("load", "3.3", load_part("3.3", "3.2", {1: "up", 2: "down", 3: "up"}))
    control.wait_for(lambda r: at(r, "load") == "3.3", "load 3.3")
    world.equal("then it is up", balancer.backends(), {"b1": "up", "b2": "down", "b3": "up"})


def refuses_what_is_wrong(world):
    """And says why; what was in force stays."""
    balancer, control = world.balancer, world.control
    good = dict(control.views)
    tables = balancer.stats()["tables"]
    for name, kind, position, view, reason in (
            ("a lower position", "scheme", "2.9", scheme_part("2.9", [B1], vips=[VIP]),
             "position 2.9 is below 3.2"),
            ("other bytes under the same position", "scheme", "3.2",
             scheme_part("3.2", [B1], vips=[VIP]), "other bytes under position 3.2"),
            ("an address that is the balancer's own", "scheme", "3.4",
             scheme_part("3.4", [member(1, "b1", "198.18.0.2")], vips=[VIP]),
             "pools[web].members[b1].address: 198.18.0.2 is the balancer's own"),
            ("a table size that is no prime", "scheme", "3.5",
             scheme_part("3.5", [B1], vips=[VIP], table_size=252), "table_size: 252"),
            ("no JSON", "scheme", "3.6", b"{", "scheme part: "),
            ("another position inside", "scheme", "3.7", scheme_part("3.8", [B1], vips=[VIP]),
             "at: 3.8 in the body, but it was sent as 3.7"),
            ("a member that is not there", "load", "3.9", load_part("3.9", "3.2", {6: "up"}),
             "pools[web].members[id 6]: no such member in scheme part 3.2"),
            ("a backend that no port reaches", "scheme", "3.10",
             scheme_part("3.10", [member(1, "b1", "192.0.2.1")], vips=[VIP]),
             "no port reaches 192.0.2.1")):
        control.publish(kind, position, view)
        report = control.wait_for(
            lambda r, reason=reason: reason in (r["rejected"] or {}).get("reason", ""), name)
        world.equal(f"{name} is refused, with the reason; in force stays", at(report), "3.2")
    world.equal("the tables are as before", balancer.stats()["tables"], tables)
    for kind, view in good.items():
        control.publish(kind, *view)
    world.equal("a metric says so", "joinery_lb_view_refused 1\n" in balancer.page("/metrics")[1],
                True)


def goes_on_without_control(world):
    """Nothing is withdrawn, whatever becomes of control."""
    balancer, control = world.balancer, world.control
    control.wait_for(lambda r: r["ready"], "it reports")
    control.stop()
    wait_until(lambda: balancer.page("/readyz") == (200, "ready: lower: no lease from control\n"),
               "the lease ends")
    world.equal("without control it stays ready, at lower preference",
                balancer.stats()["control"]["announce"], "lower")
    world.equal("it forwards on",
                balancer.explain("source=198.18.9.1:1", f"destination={VIP}:80")[0], 0)
    balancer.stop()
    balancer.start()
    balancer.says("goes on by scheme part 3.2 and load part 3.3, the last good ones on disk")
    balancer.says("ready: lb1 forwards on lcores 0")
    world.equal("a start without control serves what was last good", balancer.backends(),
                {"b1": "up", "b2": "down", "b3": "up"})
    status, page = balancer.page("/readyz")
    world.equal("ready, but without a lease", (status, page),
                (200, "ready: lower: no lease from control\n"))
    control.start()
    control.publish("scheme", "4.0", scheme_part("4.0", [B1, B3], vips=[VIP]))
    control.wait_for(lambda r: at(r) == "4.0", "4.0 after control is back")
    balancer.says("VIPs: normal: it holds a lease")
    world.equal("control is back, and so is the lease", balancer.backends(),
                {"b1": "up", "b3": "up"})


def answers_questions(world):
    """explain, metrics, health."""
    balancer = world.balancer
    status, answer = balancer.explain("source=198.18.9.1:40000", f"destination={VIP}:80")
    value = json.loads(answer)
    world.equal("explain says which rule", (status, value["rule"], value["pool"]),
                (0, "placement", "web"))
    world.expect(value["backend"] in ("b1", "b3") and value["why"], "and which backend, and why")
    status, answer = balancer.explain("source=198.18.9.1", f"destination={VIP}:80")
    world.expect(status == 1 and "source: \"198.18.9.1\"; expected" in answer,
                 "a bad question is told what is wrong with it")
    mode = stat.S_IMODE(os.stat(f"{balancer.directory}/lb.sock.http").st_mode)
    world.equal("the socket for questions is its owner's", mode, 0o600)
    world.equal("it is healthy", balancer.page("/healthz"), (200, "ok\n"))
    _, text = balancer.page("/metrics")
    for line in ("joinery_lb_lease 1", "joinery_lb_control_connected 1",
                 "joinery_lb_view_epoch{part=\"scheme\"} 4",
                 "joinery_lb_backend_state{pool=\"web\",backend=\"b3\",state=\"up\"} 1"):
        world.expect(f"\n{line}\n" in text, f"a metric: {line}")
    for secret in ("101112131415161718191a1b1c1d1e1f", "000102030405060708090a0b0c0d0e0f"):
        said = balancer.said() + text + json.dumps(balancer.stats())
        world.expect(secret not in said, "no key is in logs, metrics or counters")


def reloads_its_own_settings(world):
    """SIGHUP: what is the machine's changes, the view stays; control can not change."""
    balancer = world.balancer
    balancer.write("hash_rate: 1")
    balancer.process.send_signal(signal.SIGHUP)
    balancer.says("is in force")
    wait_until(lambda: balancer.backends() == {"b1": "up", "b3": "up"}, "the view stays")
    balancer.config.write_text(
        balancer.config.read_text().replace("control.sock", "other.sock"), encoding="ascii")
    balancer.process.send_signal(signal.SIGHUP)
    balancer.says("while running; restart for that")
    world.expect("control: " in balancer.said(), "another control needs a restart, and it says so")
    balancer.write()


def withdraws_when_behind(world):
    """Only control's word does it, and it ends it."""
    balancer, control = world.balancer, world.control
    control.reply = {"lease": False, "lease_ms": 0, "behind": True}
    balancer.says("VIPs: withdraw: control says that this balancer is behind")
    world.equal("behind is not ready", balancer.page("/readyz")[0], 503)
    control.reply = {"lease": True, "lease_ms": 3000, "behind": False}
    wait_until(lambda: balancer.page("/readyz") == (200, "ready: normal\n"), "it has caught up")
    world.expect(True, "caught up is ready again")


def ends_cleanly(world):
    """And leaves its sockets to nobody."""
    world.equal("it stops cleanly", world.balancer.stop(), 0)
    left = [p.name for p in world.balancer.directory.iterdir() if p.name.startswith("lb.sock")]
    world.equal("its sockets are gone", left, [])


STEPS = (takes_the_first_view, keeps_the_view_on_disk, follows_changes, refuses_what_is_wrong,
         goes_on_without_control, answers_questions, reloads_its_own_settings,
         withdraws_when_behind, ends_cleanly)


def main():
    """Runs the steps, in their order."""
    binary = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="joinery-follow-") as directory:
        world = World(binary, pathlib.Path(directory))
        failed = 0
        try:
            for step in STEPS:
                step(world)
        except (RuntimeError, OSError, http.client.HTTPException,
                subprocess.SubprocessError) as error:
            failed = 1
            print(f"{step.__name__}: {error}", flush=True)
        finally:
            world.balancer.stop(signal.SIGKILL)
        print(f"{world.passed} passed, {failed} failed")
        return failed


if __name__ == "__main__":
    sys.exit(main())
