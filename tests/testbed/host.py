"""A host of the testbed: a network namespace of its own, with what runs in it."""

import ctypes
import os
import signal
import subprocess
import time

COMMAND_DEADLINE_S = 30
STOP_DEADLINE_S = 5
PR_SET_PDEATHSIG = 1
# The same at all ends: kernels differ in their default, and a namespace may choose only among those
# that the machine allows everybody. Reno is always among them.
CONGESTION_CONTROL = "reno"
_LIBC = ctypes.CDLL(None)


class TestbedError(Exception):
    """A step of the testbed failed; the text has the command and what it said."""
    __test__ = False  # not a test case, whatever its name


def _die_with_parent():
    """In the child: the kernel kills it when this program goes, however that happens."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(command, *, text=None, check=True, deadline_s=COMMAND_DEADLINE_S):
    """Runs a command to its end; returns the CompletedProcess, output and errors as text."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False,
                              timeout=deadline_s, errors="replace")
    except subprocess.TimeoutExpired as late:
        raise TestbedError(f"{' '.join(command)}: not done after {deadline_s} s") from late
    if check and done.returncode != 0:
        shown = f"\n{text}" if text else ""
        raise TestbedError(f"{' '.join(command)}: status {done.returncode}{shown}\n"
                           f"{done.stdout}{done.stderr}".rstrip())
    return done


def wait_until(holds, deadline_s, what, interval_s=0.05):
    """Polls until holds() is true; returns its value, or raises when the deadline has passed."""
    end = time.monotonic() + deadline_s
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() >= end:
            raise TestbedError(f"{what}: not after {deadline_s} s")
        time.sleep(interval_s)


class Process:
    """A program that runs in a host, with its output in a log file."""

    def __init__(self, host, command, log):
        self.command, self.log = command, log
        with open(log, "wb") as out:
            self._process = subprocess.Popen(  # pylint: disable=consider-using-with
                host.enter() + command, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, preexec_fn=_die_with_parent)

    @property
    def pid(self):
        """Its process ID: nsenter becomes the program."""
        return self._process.pid

    def poll(self):
        """The exit status, or None while it runs."""
        return self._process.poll()

    def signal(self, number):
        """Sends a signal."""
        self._process.send_signal(number)

    def output(self):
        """What it has said so far."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for_output(self, words, deadline_s):
        """Waits until `words` stand in the log; raises when it ends first."""
        def said():
            if words in self.output():
                return True
            if self.poll() is not None:
                raise TestbedError(f"{self.command[0]} ended with status {self.poll()}:\n"
                                   f"{self.output()}")
            return False
        wait_until(said, deadline_s, f"{self.command[0]} says '{words}'")

    def kill(self):
        """SIGKILL; returns when it is gone."""
        self._process.kill()
        self._process.wait()

    def stop(self, deadline_s=STOP_DEADLINE_S):
        """SIGTERM, then SIGKILL; returns the exit status."""
        if self.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(deadline_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        return self.poll()


class Host:
    """One network namespace."""

    def __init__(self, prefix, role):
        self.role = role
        self.netns = f"{prefix}-{role}"
        self._processes = []
        run(["ip", "netns", "add", self.netns])
        self.sysctl({"net.ipv4.tcp_congestion_control": CONGESTION_CONTROL,
                     "net.ipv4.conf.all.rp_filter": 0,
                     "net.ipv4.conf.default.rp_filter": 0,
                     "net.ipv6.conf.default.accept_dad": 0,
                     "net.ipv6.conf.all.accept_dad": 0,
                     "net.ipv6.conf.default.accept_ra": 0,
                     "net.ipv6.conf.default.router_solicitations": 0})
        self.ip("link set lo up")

    def enter(self):
        """What to put before a command so that it runs here. Keeps /sys, as ip netns exec does
        not."""
        return ["nsenter", f"--net=/run/netns/{self.netns}"]

    def run(self, *command, **options):
        """Runs a command here, to its end."""
        return run(self.enter() + list(command), **options)

    def ip(self, *lines, family=None):
        """Commands of ip(8), each without its first word. `rule` needs the family."""
        options = [f"-{family}"] if family else []
        run(["ip", *options, "-n", self.netns, "-batch", "-"],
            text="".join(f"{line}\n" for line in lines))

    def sysctl(self, settings):
        """Sets {"net.ipv4.ip_forward": 1, ...}."""
        self.run("sysctl", "-q", "-w", *(f"{key}={value}" for key, value in settings.items()))

    def no_offloads(self, interface):
        """One packet on the wire is one packet in the namespace, with whole checksums."""
        self.run("ethtool", "-K", interface, "tx", "off", "rx", "off", "tso", "off", "gso", "off",
                 "gro", "off")

    def spawn(self, command, log):
        """Starts a program here; it is stopped with the host."""
        process = Process(self, command, log)
        self._processes.append(process)
        return process

    def counters(self):
        """The MPTCP and TCP counters of this namespace's kernel."""
        return parse_counters(self.run("cat", "/proc/net/netstat").stdout)

    def close(self):
        """Stops the programs and removes the namespace."""
        for process in reversed(self._processes):
            process.stop()
        remove_namespace(self.netns)


def link(left, left_name, right, right_name):
    """A cable: a veth pair between two hosts."""
    run(["ip", "-n", left.netns, "link", "add", "dev", left_name, "type", "veth",
         "peer", "name", right_name, "netns", right.netns])
    for host, name in ((left, left_name), (right, right_name)):
        host.no_offloads(name)
        host.ip(f"link set dev {name} up")


def parse_counters(netstat):
    """{"MPTcpExtMPJoinSynRx": 3, ...}, as nstat names them, from /proc/net/netstat."""
    counters = {}
    lines = netstat.splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        group, *names = names.split()
        for name, value in zip(names, values.split()[1:]):
            counters[group.rstrip(":") + name] = int(value)
    return counters


def remove_namespace(name):
    """With whatever still runs in it."""
    for pid in run(["ip", "netns", "pids", name], check=False).stdout.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended by itself
    run(["ip", "netns", "del", name], check=False)


def clean(prefix):
    """Removes the namespaces `prefix`-ROLE and what runs in them; returns their names."""
    listing = run(["ip", "netns", "list"]).stdout
    names = [line.split()[0] for line in listing.splitlines() if line.startswith(f"{prefix}-")]
    for name in names:
        remove_namespace(name)
    return names
