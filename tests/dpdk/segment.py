"""One Ethernet segment of network namespaces with joinery-lb on it, for the tests beside this file.

    jd-client 198.18.20.1      jd-lb 198.18.20.2      jd-b1, jd-b2 198.18.20.11, .12
          └──────────────┬───────────┴──────────────────────┘
                   jd-lan (bridge)        VIPs 198.18.20.100, 2001:db8:20::100, on the segment:
                                          the balancer answers ARP and solicitations for them

Every host is in a namespace of its own, so nothing leaves the machine. A test gives main() a
function that takes the command line's arguments; its checks are expect(). Needs root.
"""

import argparse
import contextlib
import json
import os
import pathlib
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

BINARY = pathlib.Path(__file__).resolve().parents[2] / ".bazel/bin/lb/joinery-lb"
HOSTS = {"client": 1, "lb": 2, "b1": 11, "b2": 12}
VIPS = ("198.18.20.100", "2001:db8:20::100")
PORT = 80
DEADLINE_S = 20
CONNECTIONS = 40  # of each family
LOAD_CONNECTIONS = 24
RELOADS = 6
OFFLOADS = ("tx", "rx", "tso", "gso", "gro")


def ns(name):
    """The namespace of a host."""
    return f"jd-{name}"


def run(*command, check=True, text=None):
    """Runs a command to its end and returns its output."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, input=text,
                          timeout=DEADLINE_S)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def inside(name, *command):
    """The command, run in a host's namespace."""
    return ["nsenter", f"--net=/run/netns/{ns(name)}", *command]


def wait_until(holds, what):
    """Polls until holds() is true."""
    end = time.monotonic() + DEADLINE_S
    while not (value := holds()):
        if time.monotonic() > end:
            raise RuntimeError(f"not within {DEADLINE_S} s: {what}")
        time.sleep(0.02)
    return value


PASSED = []


def expect(holds, what):
    """A check that names itself."""
    if not holds:
        raise RuntimeError(f"failed: {what}")
    PASSED.append(what)
    print(f"ok: {what}", flush=True)


def make_cable(name, device="eth0", bridged=True):
    """A cable from the segment to a host, as `device` there."""
    peer = name if device == "eth0" else f"{name}-{device}"
    run("ip", "-n", ns("lan"), "link", "add", peer, "type", "veth", "peer", "name", device,
        "netns", ns(name))
    if name == "lb":
        run(*inside(name, "sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1"))
    if bridged:
        run("ip", "-n", ns("lan"), "link", "set", peer, "master", "bridge0")
    run("ip", "-n", ns("lan"), "link", "set", peer, "up")
    run("ip", "-n", ns(name), "link", "set", device, "up")
    # A DPDK port takes frames as they are: no super-packets, no checksums left to a NIC.
    for space, interface in ((name, device), ("lan", peer)):
        run(*inside(space, "ethtool", "-K", interface,
                    *(word for offload in OFFLOADS for word in (offload, "off"))))
    return peer


def make_hosts(lb_bridged=True):
    """Namespaces, cables to the bridge, addresses."""
    for name in [*HOSTS, "lan"]:
        run("ip", "netns", "add", ns(name))
    run("ip", "-n", ns("lan"), "-batch", "-",
        text="link add name bridge0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0\n"
             "link set dev bridge0 up\n")
    run(*inside("lan", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"))
    for name, number in HOSTS.items():
        make_cable(name, bridged=lb_bridged or name != "lb")
        lines = [f"link set eth0 address 02:00:00:00:14:{number:02x}", "link set lo up"]
        if name != "lb":
            lines += [f"address add 198.18.20.{number}/24 dev eth0",
                      f"address add 2001:db8:20::{number:x}/64 dev eth0 nodad"]
        if name.startswith("b"):
            run(*inside(name, "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1",
                        "net.ipv4.conf.all.arp_announce=2"))
            lines += [f"address add {VIPS[0]}/32 dev lo", f"address add {VIPS[1]}/128 dev lo"]
        run("ip", "-n", ns(name), "-batch", "-", text="\n".join(lines) + "\n")


def remove_hosts():
    """All of it."""
    for name in [*HOSTS, "lan"]:
        run("ip", "netns", "delete", ns(name), check=False)


def serve(name):
    """Role: greets with the host's name, then echoes."""
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True,
                                    backlog=512)
    selector.register(listener, selectors.EVENT_READ)
    print("listens", flush=True)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.sendall(name.encode() + b"\n")
                selector.register(connection, selectors.EVENT_READ)
            elif data := key.fileobj.recv(65536):
                key.fileobj.sendall(data)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()


def load():
    """Role: keeps connections busy until its standard input ends; prints what it did."""
    connections = [socket.create_connection((VIPS[i % 2], PORT), timeout=5)
                   for i in range(LOAD_CONNECTIONS)]
    for connection in connections:
        connection.recv(64)
    print("loaded", flush=True)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    rounds = 0
    while not selector.select(timeout=0):
        for connection in connections:
            connection.sendall(b"x" * 1000)
        for connection in connections:
            left = 1000
            while left > 0:
                left -= len(connection.recv(left))
        rounds += 1
    print(json.dumps({"rounds": rounds}), flush=True)


def greet():
    """Role: prints who answers each of many connections."""
    answers = []
    for vip in VIPS:
        for _ in range(CONNECTIONS):
            with socket.create_connection((vip, PORT), timeout=5) as connection:
                answers.append(connection.makefile().readline().strip())
    print(json.dumps(answers))


def config(directory, arguments, second_state="up", balancer="", port=""):
    """The balancer's configuration; `balancer` and `port` are further lines of these sections."""
    backends = "".join(
        f"      - {{name: b{i}, id: {i}, address: 198.18.20.{10 + i}, state: {state}}}\n"
        for i, state in ((1, "up"), (2, second_state)))
    options = ["--no-huge", "-m", "256", *arguments.eal_option]
    return f"""\
balancer:
  name: jd
  idle: sleep
  lcores: {arguments.lcores}
  eal_options: {json.dumps(options)}
  stats_socket: {directory}/lb.sock
{balancer}
  ports:
    - name: lan
      device: "{arguments.device}"
      addresses: [198.18.20.2/24, "2001:db8:20::2/64"]
{port}
pools:
  - name: web
    id: 1
    handshake: none
    hash_secret_file: hash.key
    vips:
      - {{address: {VIPS[0]}, ports: [{PORT}]}}
      - {{address: "{VIPS[1]}", ports: [{PORT}]}}
    backends:
{backends}"""


class Balancer:
    """The process under test."""

    def __init__(self, directory, arguments, text=None, owner=None):
        self.directory = directory
        self.arguments = arguments
        self.path = f"{directory}/lb.yaml"
        with open(f"{directory}/hash.key", "w", encoding="ascii",
                  opener=lambda p, f: os.open(p, f, 0o600)) as key:
            key.write("000102030405060708090a0b0c0d0e0f\n")
        if owner is not None:
            os.chown(f"{directory}/hash.key", owner, -1)
        self.write(text or config(directory, arguments))
        self.log = open(f"{directory}/lb.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            inside("lb", arguments.binary, "--config", self.path), stdout=self.log,
            stderr=subprocess.STDOUT)
        wait_until(lambda: "joinery-lb: ready" in self.said() or self.process.poll() is not None,
                   "the balancer is ready")
        if self.process.poll() is not None:
            raise RuntimeError(f"the balancer ended:\n{self.said()}")

    def stop(self):
        """SIGTERM, and what it says at its end."""
        self.process.send_signal(signal.SIGTERM)
        expect(self.process.wait(DEADLINE_S) == 0, "SIGTERM ends it cleanly")
        expect("configuration version" in self.said(), "the counters are printed")

    def kill(self):
        """For the end of a test, whatever became of it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def said(self):
        """Its output so far."""
        with open(f"{self.directory}/lb.log", encoding="utf-8") as log:
            return log.read()

    def write(self, text):
        """Another configuration, in place at once."""
        with open(f"{self.path}.new", "w", encoding="ascii") as file:
            file.write(text)
        os.replace(f"{self.path}.new", self.path)

    def stats(self):
        """The document that it gives to whoever asks."""
        return json.loads(run(self.arguments.binary, "--stats", f"{self.directory}/lb.sock"))

    def reload(self, text):
        """SIGHUP with this text; the caller waits for what it expects."""
        self.write(text)
        self.process.send_signal(signal.SIGHUP)


def retransmissions(name):
    """TCP segments that a host's kernel sent again."""
    return int(run(*inside(name, "nstat", "-asz", "TcpRetransSegs")).split()[-2])


def play(name, role):
    """Runs a role of this script in a host's namespace to its end; returns what it printed."""
    return run(*inside(name, sys.executable, os.path.abspath(sys.argv[0]), "--role", role))


def spawn(name, role, *arguments):
    """A role of this script in a host's namespace; returns when it has said its first line."""
    process = subprocess.Popen(
        inside(name, sys.executable, os.path.abspath(sys.argv[0]), "--role", role, *arguments),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if not process.stdout.readline():
        raise RuntimeError(f"{role} in {name} did not start")
    return process


def check_reachability(balancer):
    """ARP, neighbour discovery, echo, and TCP over both families."""
    for address in ("198.18.20.2", "2001:db8:20::2", *VIPS):
        answer = run(*inside("client", "ping", "-c", "1", "-W", "2", address), check=False)
        expect("1 received" in answer, f"{address} answers an echo")
    answers = json.loads(play("client", "greet"))
    expect(len(answers) == 2 * CONNECTIONS, f"{2 * CONNECTIONS} connections opened")
    expect(set(answers) == {"b1", "b2"}, "both backends answered")
    backends = balancer.stats()["steer"]["pools"]["web"]["backends"]
    expect(all(backends[name]["packets"] > answers.count(name) for name in ("b1", "b2")),
           "each backend's packets are counted")


def check_reload(balancer, arguments, balancer_lines=""):
    """Changes under load: every segment arrives at its first sending."""
    before = retransmissions("client"), retransmissions("b1"), retransmissions("b2")
    # A bond takes no frame before its first member is up; who was asked too early is asked again.
    drops_before = balancer.stats()["edge_drops"]
    loader = spawn("client", "load")
    versions = 1
    for i in range(RELOADS):
        if i == RELOADS // 2:
            balancer.reload("balancer: {nonsense: 1}\n")
            wait_until(lambda: "the running configuration" in balancer.said(), "a refusal")
        balancer.reload(config(balancer.directory, arguments, ("draining", "up")[i % 2],
                               balancer=balancer_lines))
        versions += 1
        wait_until(lambda version=versions: balancer.stats()["steer"]["version"] == version,
                   f"version {versions}")
    rounds = json.loads(loader.communicate("stop\n", timeout=DEADLINE_S)[0])["rounds"]
    after = retransmissions("client"), retransmissions("b1"), retransmissions("b2")
    stats = balancer.stats()
    expect(loader.returncode == 0 and rounds > RELOADS, f"load went on through {RELOADS} reloads "
           f"({rounds} rounds of {LOAD_CONNECTIONS} connections)")
    expect("unknown key" in balancer.said(), "the bad configuration's error was told")
    expect(before == after, "no segment was sent twice")
    lost = {k: v - drops_before[k] for k, v in stats["edge_drops"].items()
            if v != drops_before[k] and k not in ("foreign_mac", "own_frame")}
    expect(not lost, f"no packet was dropped at the edge {lost or ''}")
    expect(not any(stats["steer"]["drops"].values()), "nor by a decision")


@contextlib.contextmanager
def hosts(lb_bridged=True):
    """The segment with its backends serving, and a directory for the balancer's files; on a failure
    the balancer's words are printed. Yields the directory."""
    servers = []
    with tempfile.TemporaryDirectory(prefix="jd-") as directory:
        os.chmod(directory, 0o755)
        try:
            remove_hosts()
            make_hosts(lb_bridged)
            servers += [spawn(name, "serve", name) for name in ("b1", "b2")]
            yield directory
        except BaseException:
            log = pathlib.Path(directory, "lb.log")
            print(log.read_text(encoding="utf-8") if log.exists() else "no balancer ran")
            raise
        finally:
            for server in servers:
                server.kill()
                server.wait()
            remove_hosts()


@contextlib.contextmanager
def running(*arguments, **options):
    """A Balancer that is gone afterwards."""
    balancer = Balancer(*arguments, **options)
    try:
        yield balancer
    finally:
        balancer.kill()


def main(description, test, roles=None):
    """Reads the command line, runs `test(arguments)` and prints the line that ends a test. `roles`
    are the test's own, by name, beside those of this file."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", default=str(BINARY), help="joinery-lb")
    parser.add_argument("--device", default="net_af_packet0,iface=eth0", help="as DPDK names it")
    parser.add_argument("--eal-option", action="append", default=[], help="one more for DPDK")
    parser.add_argument("--lcores", type=int, nargs="+", default=[0], help="CPU numbers")
    parser.add_argument("--role", nargs="+", help="for the tests' own use")
    arguments = parser.parse_args()
    if arguments.role:
        known = {"serve": serve, "load": load, "greet": greet, **(roles or {})}
        known[arguments.role[0]](*arguments.role[1:])
        return 0
    try:
        if os.geteuid() != 0:
            raise RuntimeError("this test makes network namespaces: run it as root")
        if not os.access(arguments.binary, os.X_OK):
            raise RuntimeError(f"there is no {arguments.binary}: bazel build //lb:joinery-lb")
        test(arguments)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        print(error)
        print(f"{len(PASSED)} passed, 1 failed")
        return 1
    print(f"{len(PASSED)} passed, 0 failed")
    return 0
