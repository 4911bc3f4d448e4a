#!/usr/bin/env python3
"""A real Prometheus scrapes the real joinery-control, joinery-lb and joinery-agent, and its alarms
(configs/prometheus/alerts.yaml) come and go as they should.

    mon  198.18.30.1    Prometheus and control, whose pages are on the loopback, as by default
    lb   198.18.30.2    joinery-lb; its own port is 198.18.30.3, on a cable of its own
    b1   198.18.30.11   an agent without a module, for stacks in user space
    b2   198.18.30.12   an agent whose module is missing
                        bridge in mon; every host is a namespace, so nothing leaves the machine
"""

import json
import re
import socket
import sys
import tempfile
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests" / folder) for folder in ("testbed", "guest")]

# pylint: disable=wrong-import-position,import-error
from checks import Checks  # noqa: E402
from host import Host, TestbedError, clean, run, wait_until  # noqa: E402
from need import NeedError, debian_program, need_root, our_program  # noqa: E402

PREFIX = "joinery-prom"
DEADLINE_S = 60
PAGES = {  # job -> where its pages are, as mon sees them
    "joinery-control": ("127.0.0.1:9471",),
    "joinery-lb": ("198.18.30.2:9470",),
    "joinery-agent": ("198.18.30.11:9472", "198.18.30.12:9472"),
}
ADDRESSES = {"mon": 1, "lb": 2, "b1": 11, "b2": 12}
VIP = "198.18.31.1"
# What must not fire while all programs run.
AGREEMENT = {f"Joinery{name}" for name in (
    "ControlDown", "ControlWaits", "BalancerDown", "AgentDown", "BalancerWithoutLease",
    "BalancerBehind", "AgentNoControl", "DigestMismatch", "TablesDiffer", "TablesOutOfStep",
    "ViewLag", "AgentViewLag", "ViewRefused", "StrangersRefused")}
CONTROL = """\
control:
  name: c1
  admin_socket: {0}/admin.sock
  local:
    - {{socket: {0}/lb1.sock, balancer: lb1}}
    - {{socket: {0}/b1.sock, backend: web/b1}}
    - {{socket: {0}/b2.sock, backend: web/b2}}
  state_file: {0}/control.state
  audit_log: {0}/audit.jsonl
  lease_s: 3
balancers:
  - {{name: lb1, addresses: [198.18.30.3]}}
pools:
  - name: web
    max_backends: 8
    table_size: 251
    vips: [{{address: {1}, ports: [80]}}]
    backends:
      - {{name: b1, address: 198.18.30.11}}
      - {{name: b2, address: 198.18.30.12}}
"""
BALANCER = """\
balancer:
  name: lb1
  idle: sleep
  eal_options: [--no-huge, --no-pci, -m, "256", --file-prefix, "{1}"]
  stats_socket: {0}/lb.sock
  metrics: 198.18.30.2:9470
  ports:
    - {{name: lan, device: "net_af_packet0,iface=lan0", addresses: [198.18.30.3/24]}}
control: {{unix: {0}/lb1.sock, state_dir: {0}/lb}}
"""
AGENT = """\
agent:
  state_dir: {0}/{1}
  status_socket: {0}/{1}.status
  metrics: 198.18.30.{2}:9472
  log: json
  report_s: 1
  {3}
control: {{unix: {0}/{1}.sock}}
stacks: {{socket: {0}/{1}.tokens, users: [root]}}
checks: {{every_s: 1}}
"""
PROMETHEUS = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{0}/alerts.yaml]
scrape_configs:
"""


class World:
    """The namespaces and the programs in them."""

    def __init__(self, directory):
        self.directory = directory
        self.hosts = {name: Host(PREFIX, name) for name in ADDRESSES}
        self.programs = {}
        self.told = {}  # name -> the socket in the place of systemd's
        mon = self.hosts["mon"]
        mon.ip("link add name br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
               "link set dev br0 up", "address add 198.18.30.1/24 dev br0")
        for name, number in ADDRESSES.items():
            if name != "mon":
                self._plug(name, "eth0")
                self.hosts[name].ip(f"address add 198.18.30.{number}/24 dev eth0")
        self._plug("lb", "lan0")

    def _plug(self, name, device):
        """A cable from the bridge."""
        mon, host = self.hosts["mon"], self.hosts[name]
        run(["ip", "-n", mon.netns, "link", "add", "dev", f"{name}-{device}", "type", "veth",
             "peer", "name", device, "netns", host.netns])
        if device == "lan0":  # all of its packets are the program's
            host.sysctl({"net.ipv6.conf.lan0.disable_ipv6": 1, "net.ipv4.conf.all.arp_ignore": 1})
        mon.ip(f"link set dev {name}-{device} master br0 up")
        host.ip(f"link set dev {device} up")
        mon.no_offloads(f"{name}-{device}")
        host.no_offloads(device)

    def start(self, name, host, *command):
        """Starts a program, again under the same name if it has ended."""
        if name not in self.told:
            self.told[name] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.told[name].bind(f"{self.directory}/{name}.notify")
            self.told[name].setblocking(False)
        supervised = ["env", f"NOTIFY_SOCKET={self.directory}/{name}.notify",
                      "WATCHDOG_USEC=1000000"]
        self.programs[name] = self.hosts[host].spawn([*supervised, *command],
                                                     f"{self.directory}/{name}.log")

    def start_control(self):
        """Control, by its configuration."""
        self.start("control", "mon", our_program("joinery-control"), "--config",
                   f"{self.directory}/control.yaml")

    def start_agent(self, name):
        """The agent of a backend."""
        self.start(name, name, our_program("joinery-agent"), "--config",
                   f"{self.directory}/{name}.yaml")

    def start_all(self):
        """Writes the configurations and starts everything."""
        directory = self.directory
        encoders = {"b1": "encoder: none", "b2": f"module: {directory}/missing.ko"}
        files = {"control": CONTROL.format(directory, VIP),
                 "lb": BALANCER.format(directory, self.hosts["lb"].netns),
                 **{name: AGENT.format(directory, name, ADDRESSES[name], encoder)
                    for name, encoder in encoders.items()},
                 "alerts": quick(ROOT / "configs/prometheus/alerts.yaml"),
                 "prometheus": PROMETHEUS.format(directory) + "".join(
                     f"  - {{job_name: {job}, static_configs: [{{targets: {json.dumps(at)}}}]}}\n"
                     for job, at in PAGES.items())}
        for name, text in files.items():
            Path(f"{directory}/{name}.yaml").write_text(text, encoding="utf-8")
        self.start_control()
        wait_until(Path(f"{directory}/b2.sock").exists, DEADLINE_S, "control listens")
        self.start("lb", "lb", our_program("joinery-lb"), "--config", f"{directory}/lb.yaml")
        for name in encoders:
            self.start_agent(name)
        self.start("prometheus", "mon", debian_program("prometheus"),
                   f"--config.file={directory}/prometheus.yaml",
                   f"--storage.tsdb.path={directory}/tsdb", "--web.listen-address=127.0.0.1:9090")

    def stop(self, name):
        """Ends a program. The kernel keeps few datagrams, so that its last one needs room."""
        self.has_told(name, "WATCHDOG=1")
        self.programs[name].stop()

    def has_told(self, name, word):
        """Waits until the program has told systemd this since it was asked last."""
        said = []

        def heard():
            try:
                while True:
                    said.append(self.told[name].recv(4096).decode().split("\n")[0])
            except BlockingIOError:
                return word in said
        try:
            return wait_until(heard, DEADLINE_S, f"{name} tells {word}")
        except TestbedError:
            return False

    def get(self, url, host="mon"):
        """(status, body) of a page; status 0: no answer."""
        done = self.hosts[host].run("curl", "-s", "-m", "5", "-w", "\n%{http_code}", url,
                                    check=False)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

    def api(self, path):
        """What Prometheus answers; None while it does not."""
        status, body = self.get(f"http://127.0.0.1:9090/api/v1/{path}")
        return json.loads(body)["data"] if status == 200 else None

    def query(self, expression):
        """[(labels, value)] of an instant query."""
        found = self.api("query?query=" + urllib.parse.quote(expression)) or {"result": []}
        return [(row["metric"], float(row["value"][1])) for row in found["result"]]

    def holds(self, expression, deadline_s=DEADLINE_S):
        """Waits until the expression gives something; false when it does not."""
        try:
            wait_until(lambda: self.query(expression), deadline_s, expression, interval_s=0.5)
        except TestbedError:
            return False
        return True

    def firing(self):
        """{(alarm, instance)} of those that fire now."""
        alerts = (self.api("alerts") or {"alerts": []})["alerts"]
        return {(alert["labels"]["alertname"], alert["labels"].get("instance", ""))
                for alert in alerts if alert["state"] == "firing"}

    def fires(self, *alarm, yes=True):
        """Waits until the alarm fires, or does not any more."""
        try:
            wait_until(lambda: (alarm in self.firing()) == yes, DEADLINE_S, alarm, interval_s=0.5)
        except TestbedError:
            return False
        return True

    def said(self):
        """The ends of all logs."""
        return "".join(f"-- {name}\n" + "".join(program.output().splitlines(True)[-15:])
                       for name, program in self.programs.items())

    def close(self):
        """Ends everything."""
        for host in self.hosts.values():
            host.close()
        for told in self.told.values():
            told.close()


def quick(path):
    """The alarms without their patience."""
    return re.sub(r"for: \w+", "for: 1s", path.read_text(encoding="utf-8"))


def families(page):
    """The names of a page."""
    return set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE))


def try_targets(checks, world):
    """Everything is scraped, and says what is true."""
    checks.check("all four are scraped", world.holds("count(up == 1) == 4"),
                 json.dumps(world.query("up")))
    for name, expression in {
            "control has heard all": "joinery_control_waiting == 0",
            "the balancer has a lease, says control": "joinery_control_balancer_lease == 1",
            "  and so it says": "joinery_lb_lease == 1",
            "it holds the newest scheme part": "joinery_control_balancer_scheme_lag == 0 and "
                                               "joinery_control_balancer_load_lag == 0",
            "  both say the same version": 'joinery_lb_view_version{part="scheme"} == on (part) '
                                           'joinery_control_view_version{part="scheme"}',
            "balancers agree on their tables": "joinery_control_tables_digests == 1",
            "both backends are up":
                'joinery_control_pool_backends{pool="web",state="up"} == 2',
            "the pool has an active generation":
                'joinery_control_generation_state{pool="web",state="active"} == 1',
            "b1 encodes it": "joinery_agent_encoder_serial > 0 == on () "
                             "max(joinery_control_generation_serial)",
            "b2 has no encoder": 'joinery_agent_encoder_present{instance="198.18.30.12:9472"} == 0',
            "control counts reports":
                'joinery_control_requests_total{route="/v1/agent/report",status="200"} > 2',
            "agents watch their views": 'joinery_control_watchers{view="agent"} == 2',
            "state was written": "joinery_control_store_writes_total > 0"}.items():
        checks.check(name, world.holds(expression), f"{expression}\n{world.said()}")


def try_probes(checks, world):
    """/healthz and /readyz of each, and who may ask."""
    for job, places in PAGES.items():
        for place in places:
            checks.equal(f"{job} on {place} is healthy", world.get(f"http://{place}/healthz"),
                         (200, "ok\n"))
    for place, status, text in (("127.0.0.1:9471", 200, "ready\n"),
                                ("198.18.30.2:9470", 200, "ready: normal\n"),
                                ("198.18.30.11:9472", 200, "ready\n")):
        checks.equal(f"{place} is ready", world.get(f"http://{place}/readyz"), (status, text))
    status, text = world.get("http://198.18.30.12:9472/readyz")
    checks.check("b2 is not, and says why", status == 503 and "no encoder" in text, text)
    checks.equal("by default only the machine itself may ask",
                 world.get("http://198.18.30.1:9471/metrics", host="lb")[0], 0)


def try_supervision(checks, world):
    """What systemd is told, by each program."""
    for name in ("control", "lb", "b1"):
        checks.check(f"{name} tells systemd that it is ready", world.has_told(name, "READY=1"))
        checks.check("  and that it is alive", world.has_told(name, "WATCHDOG=1"))


def try_names(checks, world):
    """docs/metrics.md names what there is, all of it and nothing else; promtool finds no fault."""
    documented = set(re.findall(r"^\| `(joinery_\w+)`",
                                (ROOT / "docs/metrics.md").read_text(encoding="utf-8"), re.M))
    shown = set()
    for places in PAGES.values():
        page = world.get(f"http://{places[0]}/metrics")[1]
        shown |= families(page)
        lint = run([debian_program("promtool"), "check", "metrics"], text=page, check=False)
        checks.check(f"promtool has nothing against {places[0]}", lint.returncode == 0,
                     lint.stdout + lint.stderr)
    checks.equal("docs/metrics.md lists every metric", shown - documented, set())
    checks.equal("  and no other", documented - shown, set())


def try_cardinality(checks, world):
    """What peers ask makes no series."""
    def series():
        """Without those of balancers and agents, who go on asking what they did not ask before."""
        page = world.get("http://127.0.0.1:9471/metrics")[1]
        return sum('server="nodes"' not in line for line in page.splitlines())

    def ask(numbers):
        for number in numbers:
            world.hosts["mon"].run("curl", "-s", "--unix-socket",
                                   f"{world.directory}/admin.sock", f"http://c/v1/made/up/{number}",
                                   f"http://c/v1/tokens/{number}")
            world.get(f"http://127.0.0.1:9471/{number}")

    ask(range(3))
    before = series()
    ask(range(3, 40))
    checks.equal("strange requests make no series", series(), before)


def try_alarms(checks, world):
    """Alarms fire when something ends, and go when it is back."""
    checks.check("b2's missing module is an alarm",
                 world.fires("JoineryAgentNoEncoder", "198.18.30.12:9472"))
    checks.equal("everybody is there and agrees", {name for name, _ in world.firing()} & AGREEMENT,
                 set())
    world.programs["control"].stop()
    checks.check("control stops: an alarm", world.fires("JoineryControlDown", "127.0.0.1:9471"))
    checks.check("  the balancer's lease ends: another",
                 world.fires("JoineryBalancerWithoutLease", "198.18.30.2:9470"))
    checks.check("  agents notice too", world.fires("JoineryAgentNoControl", "198.18.30.11:9472"))
    checks.equal("  the balancer asks for lower preference",
                 world.get("http://198.18.30.2:9470/readyz"),
                 (200, "ready: lower: no lease from control\n"))
    world.start_control()
    checks.check("control is back: none of them",
                 world.fires("JoineryControlDown", "127.0.0.1:9471", yes=False)
                 and world.fires("JoineryBalancerWithoutLease", "198.18.30.2:9470", yes=False)
                 and world.fires("JoineryAgentNoControl", "198.18.30.11:9472", yes=False),
                 world.said())
    world.stop("b1")
    checks.check("an agent stops: an alarm", world.fires("JoineryAgentDown", "198.18.30.11:9472"))
    checks.check("  and systemd is told", world.has_told("b1", "STOPPING=1"))
    world.stop("lb")
    checks.check("the balancer tells systemd that it ends", world.has_told("lb", "STOPPING=1"))
    checks.check("the balancer stops: an alarm",
                 world.fires("JoineryBalancerDown", "198.18.30.2:9470"))


def main():
    """All of it, in order."""
    checks = Checks()
    try:
        need_root()
        clean(PREFIX)
        with tempfile.TemporaryDirectory(prefix=PREFIX) as directory:
            world = World(directory)
            try:
                world.start_all()
                for part in (try_targets, try_probes, try_supervision, try_names, try_cardinality,
                             try_alarms):
                    part(checks, world)
            except (TestbedError, OSError) as error:
                checks.check("the scenario itself", False, f"{error}\n{world.said()}")
            finally:
                world.close()
    except (NeedError, TestbedError) as error:
        checks.check("what the scenario needs", False, error)
    checks.finish()


if __name__ == "__main__":
    main()
